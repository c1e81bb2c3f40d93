using System.Collections;
using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;

namespace ShakenFist.Blobs.Json;

/// <summary>
/// Writes .NET values as JSON for this server, so that <see cref="JsonTree"/> reads back the same values: floats stay floats, integers of any size stay
/// integers, and unpaired surrogates are kept. The text is ASCII, like that of the server.
/// </summary>
internal static class JsonWriter
{
    /// <summary>
    /// The maximum depth: one less than the usual limit of JSON readers, because a value is sent inside one object and returned inside two, the blob and its
    /// metadata. This is much less than <see cref="JsonTree"/> reads, so a value that it has truncated is never written back.
    /// </summary>
    public const int MaxDepth = 63;

    /// <summary>Writes the value as UTF-8 JSON.</summary>
    /// <param name="value">A value that <see cref="JsonTree"/> returns, or other numbers, lists, and dictionaries.</param>
    /// <param name="maxDepth">The maximum depth. A larger one is used only for values that are shown and not sent.</param>
    /// <exception cref="JsonException">The value is nested more deeply, contains an integer with too many digits, or has a type that cannot be written as JSON.</exception>
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
            // The literals that Python's decoder accepts.
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
