using System.Globalization;
using System.Numerics;

namespace ShakenFist.Blobs.Json;

/// <summary>Converts a value of <see cref="JsonTree"/> to the expected type, from any of the forms in which servers send it. Returns null if that is not possible.</summary>
internal static class JsonValue
{
    public static long? AsLong(object? value) => value switch
    {
        long integer => integer,
        double number when number >= long.MinValue && number < long.MaxValue => (long)Math.Round(number),
        string text when long.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out long integer) => integer,
        string text when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) => AsLong(number),
        _ => null,
    };

    public static double? AsDouble(object? value) => value switch
    {
        long integer => integer,
        BigInteger integer => (double)integer,
        double number => number,
        string text when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) => number,
        _ => null,
    };

    public static string? AsText(object? value) => value switch
    {
        string text => text,
        bool flag => flag ? "true" : "false",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => null,
    };

    public static bool? AsBool(object? value) => value switch
    {
        bool flag => flag,
        string text when bool.TryParse(text, out bool flag) => flag,
        long integer => integer != 0,
        _ => null,
    };

    public static Guid? AsGuid(object? value) =>
        value is string text && Guid.TryParse(text, out Guid uuid) ? uuid : null;

    /// <summary>Converts seconds since 1970 to a local time with microsecond precision, as a double has no more. Returns null outside the range of DateTime.</summary>
    public static DateTime? AsTime(object? value)
    {
        double? seconds = AsDouble(value);
        return seconds is > -62135596800 and < 253402300800
            ? DateTime.UnixEpoch.AddTicks((long)Math.Round(seconds.Value * 1e6) * TimeSpan.TicksPerMicrosecond).ToLocalTime()
            : null;
    }

    public static Guid[]? AsGuids(object? value)
    {
        if (value is not List<object?> items)
        {
            return null;
        }

        Guid[] uuids = [.. items.Select(AsGuid).OfType<Guid>()];
        return uuids.Length == items.Count ? uuids : null;
    }

    public static string[]? AsTexts(object? value) =>
        value is List<object?> items && items.TrueForAll(item => item is string) ? [.. items.Cast<string>()] : null;
}
