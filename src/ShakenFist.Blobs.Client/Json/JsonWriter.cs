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
    /// <summary>The value as UTF-8 JSON.</summary>
    /// <exception cref="JsonException">It nests deeper than <see cref="JsonTree.MaxDepth"/>, or has a type that JSON does not know.</exception>
    public static byte[] Write(object? value)
    {
        StringBuilder text = new();
        Append(text, value, 0);
        return Encoding.ASCII.GetBytes(text.ToString());
    }

    private static void Append(StringBuilder text, object? value, int depth)
    {
        if (depth > JsonTree.MaxDepth)
        {
            throw new JsonException($"The value is nested more than {JsonTree.MaxDepth} levels deep.");
        }

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
            case sbyte or byte or short or ushort or int or uint or long or ulong or BigInteger or decimal:
                text.Append(((IFormattable)value).ToString(null, CultureInfo.InvariantCulture));
                break;
            case IDictionary map:
                AppendObject(text, map, depth);
                break;
            case IEnumerable items:
                AppendArray(text, items, depth);
                break;
            default:
                throw new JsonException($"A value of type {value.GetType().Name} has no JSON form.");
        }
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

    private static void AppendObject(StringBuilder text, IDictionary map, int depth)
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
            Append(text, entry.Value, depth + 1);
        }

        text.Append('}');
    }

    private static void AppendArray(StringBuilder text, IEnumerable items, int depth)
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
            Append(text, item, depth + 1);
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
