using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ShakenFist.Blobs.Emulator;

/// <summary>Numbers as Python's json module reads and writes them: integers of any size, floats in the shortest form of repr().</summary>
internal static class PythonNumber
{
    public static JsonValue Parse(ReadOnlySpan<char> text)
    {
        if (text.IndexOfAny('.', 'e', 'E') >= 0)
        {
            return JsonValue.Create(double.Parse(text, CultureInfo.InvariantCulture));
        }

        // A number too long for 64 bits keeps its text: JsonNode has no type of its own for it.
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

    /// <summary>Python's repr() of a float: exponents below -4 or from 16 on, always with a point or an exponent.</summary>
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

    /// <summary>The significant digits without zeros at either end, and the exponent of the first of them.</summary>
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
