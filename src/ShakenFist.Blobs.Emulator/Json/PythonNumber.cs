using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ShakenFist.Blobs.Emulator;

/// <summary>Parses and formats numbers like the json module of Python: integers of any size, and floats in the shortest form of repr().</summary>
internal static class PythonNumber
{
    public static JsonValue Parse(ReadOnlySpan<char> text)
    {
        if (text.IndexOfAny('.', 'e', 'E') >= 0)
        {
            return JsonValue.Create(double.Parse(text, CultureInfo.InvariantCulture));
        }

        // A number that does not fit into 64 bits is kept as text, because JsonNode has no type for it.
        return long.TryParse(text, CultureInfo.InvariantCulture, out long number)
            ? JsonValue.Create(number)
            : JsonNode.Parse(text.ToString())!.AsValue();
    }

    public static bool IsZero(JsonValue value) =>
        value.TryGetValue(out long integer) ? integer == 0
        : value.TryGetValue(out double real) && real == 0;

    public static string Format(JsonValue value)
    {
        if (value.TryGetValue(out JsonElement element))
        {
            string text = element.GetRawText();
            return text.AsSpan().IndexOfAny('.', 'e', 'E') < 0 ? text : Repr(element.GetDouble());
        }

        return value.TryGetValue(out double real) ? Repr(real)
            : value.TryGetValue(out float single) ? Repr(single)
            : value.ToJsonString();
    }

    /// <summary>Formats a float like repr() in Python: with an exponent below -4 or from 16 on, and always with a decimal point or an exponent.</summary>
    public static string Repr(double value)
    {
        if (!double.IsFinite(value))
        {
            return double.IsNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
        }

        (string digits, int exponent) = Split(value.ToString("R", CultureInfo.InvariantCulture));
        string sign = double.IsNegative(value) ? "-" : "";
        if (exponent is < -4 or >= 16)
        {
            string fraction = digits.Length > 1 ? "." + digits[1..] : "";
            return $"{sign}{digits[0]}{fraction}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}";
        }

        if (exponent < 0)
        {
            return sign + "0." + new string('0', -exponent - 1) + digits;
        }

        string padded = digits.PadRight(exponent + 2, '0');
        return sign + padded[..(exponent + 1)] + "." + padded[(exponent + 1)..];
    }

    /// <summary>Returns the significant digits without leading and trailing zeros, and the exponent of the first digit.</summary>
    private static (string Digits, int Exponent) Split(string round)
    {
        string[] parts = round.TrimStart('-').Split('E');
        int exponent = parts.Length > 1 ? int.Parse(parts[1], CultureInfo.InvariantCulture) : 0;
        int point = parts[0].IndexOf('.', StringComparison.Ordinal);
        string all = parts[0].Replace(".", "", StringComparison.Ordinal);
        exponent += (point < 0 ? all.Length : point) - 1;
        string trimmed = all.TrimStart('0');
        exponent -= all.Length - trimmed.Length;
        trimmed = trimmed.TrimEnd('0');
        return trimmed.Length == 0 ? ("0", 0) : (trimmed, exponent);
    }
}
