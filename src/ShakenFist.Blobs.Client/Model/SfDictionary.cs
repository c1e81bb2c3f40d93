using System.Collections;
using System.ComponentModel;
using System.Globalization;

namespace ShakenFist.Blobs;

/// <summary>
/// A dictionary of a result object. PowerShell converts a hashtable to it, so that you can create result objects for tests:
/// <c>[ShakenFist.Blobs.SfBlob]@{ Metadata = @{ name = 'disk' } }</c>.
/// </summary>
/// <typeparam name="TValue">The type of the values.</typeparam>
public sealed class SfDictionary<TValue> : Dictionary<string, TValue>
{
    /// <summary>Creates an empty dictionary with case-sensitive names.</summary>
    public SfDictionary()
        : base(StringComparer.Ordinal)
    {
    }

    /// <summary>Creates an empty dictionary.</summary>
    /// <param name="comparer">The comparer of the names.</param>
    public SfDictionary(IEqualityComparer<string> comparer)
        : base(comparer)
    {
    }

    /// <summary>Creates a copy of a dictionary.</summary>
    /// <param name="entries">Names and values.</param>
    /// <param name="comparer">The comparer of the names. The default is that of <paramref name="entries"/>.</param>
    public SfDictionary(Dictionary<string, TValue> entries, IEqualityComparer<string>? comparer = null)
        : base(entries, comparer ?? (entries ?? throw new ArgumentNullException(nameof(entries))).Comparer)
    {
    }

    /// <summary>Creates a dictionary from a hashtable. Values of other types are converted, such as a UUID given as a string.</summary>
    /// <param name="entries">Names and values of any type.</param>
    /// <exception cref="InvalidCastException">A value cannot be converted.</exception>
    public SfDictionary(IDictionary entries)
        : this()
    {
        ArgumentNullException.ThrowIfNull(entries);
        foreach (DictionaryEntry entry in entries)
        {
            this[Convert.ToString(entry.Key, CultureInfo.InvariantCulture)!] = Read(entry.Value);
        }
    }

    private static TValue Read(object? value)
    {
        if (value is TValue typed)
        {
            return typed;
        }

        if (value is null)
        {
            return default!;
        }

        try
        {
            if (typeof(TValue).GetElementType() is { } element)
            {
                // PowerShell passes several values as an array of objects, and one value as itself.
                object[] items = value is IEnumerable many ? [.. many.Cast<object>()] : [value];
                var array = Array.CreateInstance(element, items.Length);
                items.CopyTo(array, 0);
                return (TValue)(object)array;
            }

            return (TValue)TypeDescriptor.GetConverter(typeof(TValue)).ConvertFromInvariantString(Convert.ToString(value, CultureInfo.InvariantCulture)!)!;
        }
        catch (Exception e) when (e is FormatException or InvalidCastException or ArgumentException or NotSupportedException)
        {
            throw new InvalidCastException($"'{ServerText.Clean(value.ToString() ?? string.Empty)}' cannot be converted to {typeof(TValue).Name}.", e);
        }
    }
}
