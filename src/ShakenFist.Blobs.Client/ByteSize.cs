using System.Globalization;

namespace ShakenFist.Blobs;

/// <summary>Formats numbers of bytes.</summary>
internal static class ByteSize
{
    private static readonly string[] Units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

    /// <summary>Reads a size as qemu-img writes it, such as "3.31 GiB". Null for any other text.</summary>
    public static long? Parse(string? text)
    {
        int space = text?.IndexOf(' ', StringComparison.Ordinal) ?? -1;
        int unit = space < 0 ? -1 : Array.IndexOf(Units, text![(space + 1)..]);
        return unit >= 0 && double.TryParse(text.AsSpan(0, space), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value)
            ? (long)Math.Min(value * Math.Pow(1024, unit), 1L << 62)
            : null;
    }

    /// <summary>Formats a number of bytes with three digits and a binary unit, such as "3.31 GiB".</summary>
    public static string Text(long bytes, IFormatProvider culture)
    {
        double value = bytes;
        int unit = 0;
        while (Math.Abs(value) >= 999.5 && unit < Units.Length - 1)
        {
            value /= 1024;
            unit++;
        }

        string digits = unit == 0 || Math.Abs(value) >= 99.95 ? "0" : Math.Abs(value) >= 9.995 ? "0.0" : "0.00";
        return value.ToString(digits, culture) + " " + Units[unit];
    }
}
