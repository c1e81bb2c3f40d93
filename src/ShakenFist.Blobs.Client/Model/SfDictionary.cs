using System.Collections;
using System.ComponentModel;
using System.Globalization;

namespace ShakenFist.Blobs;

/// <summary>
/// Values by name, as records hold them. PowerShell makes one of a hashtable, so that a record can be built by hand for tests:
/// <c>[ShakenFist.Blobs.SfBlob]@{ Metadata = @{ name = 'disk' } }</c>.
/// </summary>
/// <typeparam name="TValue">Type of the values.</typeparam>
public sealed class SfDictionary<TValue> : Dictionary<string, TValue>
{
    /// <summary>Holds nothing yet. Names are told apart by case.</summary>
    public SfDictionary()
        : base(StringComparer.Ordinal)
    {
    }

    /// <summary>Holds nothing yet.</summary>
    /// <param name="comparer">What tells names apart.</param>
    public SfDictionary(IEqualityComparer<string> comparer)
        : base(comparer)
    {
    }

    /// <summary>Holds the same values under the same names.</summary>
    /// <param name="entries">Names and values.</param>
    /// <param name="comparer">What tells names apart; as it is in <paramref name="entries"/> if it is not given.</param>
    public SfDictionary(Dictionary<string, TValue> entries, IEqualityComparer<string>? comparer = null)
        : base(entries, comparer ?? (entries ?? throw new ArgumentNullException(nameof(entries))).Comparer)
    {
    }

    /// <summary>Holds what a hashtable holds. What is not of the type of the values is read as it, such as a UUID given as text.</summary>
    /// <param name="entries">Names and values of any type.</param>
    /// <exception cref="InvalidCastException">A value cannot be read as the type.</exception>
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
                // What PowerShell gives for several things is an array of objects, and for one thing the thing itself.
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
