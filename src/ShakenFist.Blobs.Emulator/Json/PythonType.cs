using System.Text.Json.Nodes;

namespace ShakenFist.Blobs.Emulator;

/// <summary>The Python type name and truth value of a JSON value.</summary>
internal static class PythonType
{
    public static bool IsTruthy(JsonNode? node) => node switch
    {
        null => false,
        JsonObject members => members.Count > 0,
        JsonArray items => items.Count > 0,
        JsonValue value when value.TryGetValue(out string? text) => text.Length > 0,
        JsonValue value when value.TryGetValue(out bool flag) => flag,
        _ => !PythonNumber.IsZero(node.AsValue()),
    };

    public static string NameOf(JsonNode? node) => node switch
    {
        null => "NoneType",
        JsonObject => "dict",
        JsonArray => "list",
        JsonValue value when value.TryGetValue(out string? _) => "str",
        JsonValue value when value.TryGetValue(out bool _) => "bool",
        JsonValue value when value.TryGetValue(out double _) && !value.TryGetValue(out long _) && !IsBigInteger(value) => "float",
        _ => "int",
    };

    /// <summary>Returns str() of a value. Python converts numbers and lists to names with it.</summary>
    public static string Text(JsonNode? node) =>
        node is JsonValue value && value.TryGetValue(out string? text) ? text : node?.ToJsonString() ?? "None";

    private static bool IsBigInteger(JsonValue value) => PythonNumber.Format(value).AsSpan().IndexOfAny(".eEN") < 0;
}
