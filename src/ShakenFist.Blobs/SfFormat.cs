using System.Globalization;

namespace ShakenFist.Blobs;

/// <summary>Formats sizes, times, and server text for the views of the module. Objects contain the plain values.</summary>
public static class SfFormat
{
    /// <summary>Formats a number of bytes with three digits and a binary unit, such as "3.31 GiB".</summary>
    public static string Size(long? bytes) => bytes is { } number ? ByteSize.Text(number, CultureInfo.CurrentCulture) : string.Empty;

    /// <summary>Formats a time as local time to the minute, in a sortable form. A time without a time zone is local time.</summary>
    public static string Time(DateTime? time) =>
        (time is { Kind: DateTimeKind.Utc } utc ? utc.ToLocalTime() : time)?.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture) ?? string.Empty;

    /// <summary>Formats a blob with its name, if it has one, and its UUID.</summary>
    internal static string Blob(SfBlob blob) => blob.Name is { } name ? $"blob {ServerText.Clean(name, 60)} ({blob.Uuid:D})" : $"blob {blob.Uuid:D}";

    /// <summary>Replaces characters of server text that could control a terminal.</summary>
    public static string Text(object? value) => ServerText.Clean(value is IFormattable formattable
        ? formattable.ToString(null, CultureInfo.CurrentCulture)
        : value?.ToString());

    /// <summary>Joins several values.</summary>
    public static string List(System.Collections.IEnumerable? values) =>
        values is null ? string.Empty : string.Join(", ", values.Cast<object?>().Select(Text));

    /// <summary>Formats a dictionary as "key = value" pairs.</summary>
    public static string Map(System.Collections.IDictionary? values) => values is null
        ? string.Empty
        : string.Join("; ", values.Keys.Cast<object>().Select(key => $"{Text(key)} = {Value(values[key])}"));

    /// <summary>Formats a metadata value: text unchanged, lists and dictionaries written out.</summary>
    public static string Value(object? value) => value switch
    {
        System.Collections.IDictionary map => "{ " + Map(map) + " }",
        string text => Text(text),
        System.Collections.IEnumerable list => "[ " + List(list) + " ]",
        _ => Text(value),
    };
}
