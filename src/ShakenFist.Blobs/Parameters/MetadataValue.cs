using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Numerics;
using ShakenFist.Blobs.Json;

namespace ShakenFist.Blobs.Parameters;

/// <summary>Converts PowerShell values to JSON values: hashtables and custom objects to objects, collections to lists.</summary>
internal static class MetadataValue
{
    // The value is inside the metadata, which is inside the blob object. Deeper values would not be written.
    private const int MaxDepth = JsonWriter.MaxDepth - 3;
    private const string DeserializedBigInteger = "Deserialized.System.Numerics.BigInteger";

    /// <summary>Converts a value.</summary>
    /// <exception cref="SfException">The value is nested too deeply or has a type that cannot be written as JSON.</exception>
    public static object? Of(object? value) => Of(value, 1);

    /// <summary>Formats a value for -WhatIf and verbose messages.</summary>
    public static string Show(object? value) => ServerText.Clean(System.Text.Encoding.ASCII.GetString(Plain(value)), 120);

    /// <summary>Returns whether two converted values are the same JSON.</summary>
    public static bool Same(object? one, object? other) => Plain(one).AsSpan().SequenceEqual(Plain(other));

    // Values that other clients stored may be nested more deeply than this module allows.
    private static byte[] Plain(object? value) => JsonWriter.Write(value, JsonTree.MaxDepth);

    private static object? Of(object? value, int depth)
    {
        if (depth > MaxDepth + 1)
        {
            throw new SfException(SfErrors.MetadataValueRefused, $"The value is nested more than {MaxDepth} levels deep.");
        }

        object? plain = value is PSObject wrapped ? wrapped.BaseObject : value;
        return plain switch
        {
            null or string or bool or double or sbyte or byte or short or ushort or int or uint or long or ulong or decimal or BigInteger => plain,
            float number => double.Parse(number.ToString("R", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture),
            SwitchParameter flag => flag.IsPresent,
            DateTime time => time.ToString("O", CultureInfo.InvariantCulture),
            DateTimeOffset time => time.ToString("O", CultureInfo.InvariantCulture),
            char or Guid or Uri or Version or Enum or TimeSpan => plain.ToString(),

            // After a job or Import-Clixml, only the text of the number is usable.
            PSCustomObject when ((PSObject)value!).TypeNames.Contains(DeserializedBigInteger) => BigInteger.Parse(value.ToString()!, CultureInfo.InvariantCulture),
            PSCustomObject => ((PSObject)value!).Properties.ToDictionary(p => p.Name, p => Of(p.Value, depth + 1), StringComparer.Ordinal),
            IDictionary map => OfMap(map, depth),
            IEnumerable items => items.Cast<object?>().Select(item => Of(item, depth + 1)).ToList(),
            _ => throw new SfException(SfErrors.MetadataValueRefused, $"A value of type {plain.GetType().Name} cannot be written as JSON."),
        };
    }

    private static Dictionary<string, object?> OfMap(IDictionary map, int depth)
    {
        Dictionary<string, object?> members = new(StringComparer.Ordinal);
        foreach (DictionaryEntry entry in map)
        {
            string key = Convert.ToString(entry.Key, CultureInfo.InvariantCulture)!;
            if (!members.TryAdd(key, Of(entry.Value, depth + 1)))
            {
                throw new SfException(SfErrors.MetadataValueRefused, $"The value contains the key '{ServerText.Clean(key, 80)}' twice, once as a string and once as another type.");
            }
        }

        return members;
    }
}
