using System.Collections;
using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;

namespace ShakenFist.Blobs.Json;

/// <summary>
/// Writes plain .NET values as the JSON this server reads, so that what <see cref="JsonTree"/> reads back is the same value: floats stay floats, integers of any size stay
/// integers, and lone surrogates survive. The text is ASCII, as the server's own.
/// </summary>
internal static class JsonWriter
{
    /// <summary>
    /// Levels of nesting that are written: what other readers of JSON take, less one, since a value goes out in one object and comes back in two, the blob's record and
    /// its metadata. That is far less than <see cref="JsonTree"/> reads, so that a value it has shortened is never written back.
    /// </summary>
    public const int MaxDepth = 63;

    /// <summary>The value as UTF-8 JSON.</summary>
    /// <param name="value">What <see cref="JsonTree"/> makes of JSON, or other numbers, lists and dictionaries.</param>
    /// <param name="maxDepth">Levels of nesting that may be; more only for what is looked at and not sent.</param>
    /// <exception cref="JsonException">It nests deeper than that, has an integer of more digits than are read, or a type that JSON does not know.</exception>
    public static byte[] Write(object? value, int maxDepth = MaxDepth)
    {
        StringBuilder text = new();
        Append(text, value, maxDepth);
        return Encoding.ASCII.GetBytes(text.ToString());
    }

    private static void Append(StringBuilder text, object? value, int levels)
    {
        switch (value)
        {
            case null:
                text.Append("null");
                break;
            case string s:
                AppendString(text, s);
                break;
            case bool flag:
                text.Append(flag ? "true" : "false");
                break;
            case double or float:
                AppendFloat(text, Convert.ToDouble(value, CultureInfo.InvariantCulture));
                break;
            case BigInteger number:
                AppendInteger(text, number);
                break;
            case sbyte or byte or short or ushort or int or uint or long or ulong or decimal:
                text.Append(((IFormattable)value).ToString(null, CultureInfo.InvariantCulture));
                break;
            case IEnumerable when levels == 0:
                throw new JsonException("The value is nested too deeply.");
            case IDictionary map:
                AppendObject(text, map, levels);
                break;
            case IEnumerable items:
                AppendArray(text, items, levels);
                break;
            default:
                throw new JsonException($"A value of type {value.GetType().Name} cannot be written as JSON.");
        }
    }

    private static void AppendInteger(StringBuilder text, BigInteger number)
    {
        string digits = number.ToString(CultureInfo.InvariantCulture);
        if (digits.Length > JsonTree.MaxDigits + (number.Sign < 0 ? 1 : 0))
        {
            throw new JsonException($"A number has more than {JsonTree.MaxDigits} digits.");
        }

        text.Append(digits);
    }

    private static void AppendFloat(StringBuilder text, double number)
    {
        if (!double.IsFinite(number))
        {
            // The literals that Python's decoder takes.
            text.Append(double.IsNaN(number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity");
            return;
        }

        string digits = number.ToString("R", CultureInfo.InvariantCulture);
        text.Append(digits);
        if (!digits.AsSpan().ContainsAny('.', 'E', 'e'))
        {
            text.Append(".0");
        }
    }

    private static void AppendObject(StringBuilder text, IDictionary map, int levels)
    {
        text.Append('{');
        bool first = true;
        foreach (DictionaryEntry entry in map)
        {
            if (!first)
            {
                text.Append(',');
            }

            first = false;
            AppendString(text, Convert.ToString(entry.Key, CultureInfo.InvariantCulture) ?? string.Empty);
            text.Append(':');
            Append(text, entry.Value, levels - 1);
        }

        text.Append('}');
    }

    private static void AppendArray(StringBuilder text, IEnumerable items, int levels)
    {
        text.Append('[');
        bool first = true;
        foreach (object? item in items)
        {
            if (!first)
            {
                text.Append(',');
            }

            first = false;
            Append(text, item, levels - 1);
        }

        text.Append(']');
    }

    private static void AppendString(StringBuilder text, string value)
    {
        text.Append('"');
        foreach (char c in value)
        {
            if (c is '"' or '\\')
            {
                text.Append('\\').Append(c);
            }
            else if (c is >= ' ' and <= '~')
            {
                text.Append(c);
            }
            else
            {
                text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            }
        }

        text.Append('"');
    }
}
