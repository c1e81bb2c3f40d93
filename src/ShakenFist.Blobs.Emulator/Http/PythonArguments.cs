using System.Text.Json.Nodes;

namespace ShakenFist.Blobs.Emulator;

/// <summary>
/// The keyword arguments of a Python handler: the variables of the path, and the members of the JSON body, which replace variables of the same name. The body is used
/// for every method and regardless of its Content-Type.
/// </summary>
internal sealed class PythonArguments
{
    // Dictionary keeps the insertion order if no item is removed. The error of Python contains the first unknown argument.
    private readonly Dictionary<string, JsonNode?> _values = [];

    private PythonArguments(IEnumerable<KeyValuePair<string, string>> pathVariables)
    {
        foreach ((string name, string value) in pathVariables)
        {
            _values[name] = JsonValue.Create(value);
        }
    }

    /// <returns>The arguments, or the text of the TypeError that Python raises for this type of body.</returns>
    public static (PythonArguments Arguments, string? TypeError) From(
        IEnumerable<KeyValuePair<string, string>> pathVariables, ReadOnlySpan<byte> body)
    {
        var arguments = new PythonArguments(pathVariables);
        if (body.IsEmpty || !PythonJsonReader.TryRead(body, out JsonNode? node) || !PythonType.IsTruthy(node))
        {
            return (arguments, null);
        }

        if (node is not JsonObject members)
        {
            return (arguments, TypeErrorOf(node!));
        }

        foreach ((string name, JsonNode? value) in members)
        {
            arguments._values[name == "uuid" ? "passed_uuid" : name] = value?.DeepClone();
        }

        return (arguments, null);
    }

    public bool Has(string name) => _values.ContainsKey(name);

    public JsonNode? this[string name] => _values.GetValueOrDefault(name);

    public string Text(string name) => PythonType.Text(this[name]);

    public string? FirstUnknown(IReadOnlyCollection<string> known) => _values.Keys.FirstOrDefault(name => !known.Contains(name));

    private static string TypeErrorOf(JsonNode node) => node switch
    {
        JsonArray items when PythonType.NameOf(items[0]) is "int" or "bool" => "keywords must be strings",
        JsonArray items => $"list indices must be integers or slices, not {PythonType.NameOf(items[0])}",
        JsonValue value when value.TryGetValue(out string? _) => "string indices must be integers, not 'str'",
        _ => $"'{PythonType.NameOf(node)}' object is not iterable",
    };
}
