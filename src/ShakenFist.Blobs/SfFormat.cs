using System.Globalization;

namespace ShakenFist.Blobs;

/// <summary>How the module's views write sizes, times and text that a server chose. For format files; objects hold the plain values.</summary>
public static class SfFormat
{
    /// <summary>Bytes with three digits and a binary unit, such as "3.31 GiB".</summary>
    public static string Size(long? bytes) => bytes is { } number ? ByteSize.Text(number, CultureInfo.CurrentCulture) : string.Empty;

    /// <summary>A UTC time as local time to the minute, sortable.</summary>
    public static string Time(DateTime? utc) =>
        utc?.ToLocalTime().ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture) ?? string.Empty;

    /// <summary>Text of the server without anything that could steer a terminal.</summary>
    public static string Text(object? value) => ServerText.Clean(value is IFormattable formattable
        ? formattable.ToString(null, CultureInfo.CurrentCulture)
        : value?.ToString());

    /// <summary>Several texts as one.</summary>
    public static string List(System.Collections.IEnumerable? values) =>
        values is null ? string.Empty : string.Join(", ", values.Cast<object?>().Select(Text));

    /// <summary>A dictionary as "key = value" pairs.</summary>
    public static string Map(System.Collections.IDictionary? values) => values is null
        ? string.Empty
        : string.Join("; ", values.Keys.Cast<object>().Select(key => $"{Text(key)} = {Value(values[key])}"));

    /// <summary>A value of metadata: text as it is, lists and dictionaries spelled out.</summary>
    public static string Value(object? value) => value switch
    {
        System.Collections.IDictionary map => "{ " + Map(map) + " }",
        string text => Text(text),
        System.Collections.IEnumerable list => "[ " + List(list) + " ]",
        _ => Text(value),
    };
}
