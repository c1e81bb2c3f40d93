using System.Dynamic;
using System.Globalization;
using System.Management.Automation;

namespace ShakenFist.Blobs;

/// <summary>Formats sizes, times, and server text for the views of the module. Objects contain the plain values.</summary>
public static class SfFormat
{
    /// <summary>Returns an object with the properties of another object as text. Views use it as the property Shown.</summary>
    public static object Shown(PSObject instance) => new ShownProperties(instance);

    /// <summary>Returns the key of a metadata object as text.</summary>
    public static object KeyText(PSObject instance) => ShownProperties.Format(instance, "Key");

    /// <summary>Returns the value of a metadata object as text.</summary>
    public static object ValueText(PSObject instance) => ShownProperties.Format(instance, "Value");

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

    private static string Sentences(System.Collections.IEnumerable values) => string.Join(' ', values.Cast<object?>().Select(Text));

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

    // Reading a dynamic member is allowed in the language mode ConstrainedLanguage, in which a view cannot call a method.
    private sealed class ShownProperties(PSObject instance) : DynamicObject
    {
        public override bool TryGetMember(GetMemberBinder binder, out object? result)
        {
            result = Format(instance, binder.Name);
            return true;
        }

        /// <summary>Formats the value at a path of names, such as Size or ReferencesTo.Keys.</summary>
        public static string Format(PSObject instance, string path)
        {
            object? value = instance;
            foreach (string name in path.Split('.'))
            {
                value = value is null ? null : Member(PSObject.AsPSObject(value), name);
            }

            return Plain(value) switch
            {
                null => string.Empty,
                System.Collections.IDictionary map when path is "Value" or "Extra" => Value(map),
                System.Collections.IDictionary map => Map(map),
                string text => Text(text),
                System.Collections.IEnumerable list when path is "Value" or "Extra" => Value(list),
                System.Collections.IEnumerable list when path is "Warnings" => Sentences(list),
                System.Collections.IEnumerable list => List(list),
                DateTime time => Time(time),
                double rate when path.EndsWith("PerSecond", StringComparison.Ordinal) => $"{Size((long)rate)}/s",
                int or long when IsBytes(path) => Size(Convert.ToInt64(Plain(value), CultureInfo.InvariantCulture)),
                object other => Text(other),
            };
        }

        private static bool IsBytes(string name) =>
            name is "Length" or "Offset" || name.EndsWith("Size", StringComparison.Ordinal) || name.StartsWith("Bytes", StringComparison.Ordinal);

        private static object? Member(PSObject value, string name) =>
            value.BaseObject is System.Collections.IDictionary map && map.Contains(name) ? map[name] : value.Properties[name]?.Value;

        private static object? Plain(object? value) => value is PSObject wrapped ? wrapped.BaseObject : value;
    }
}
