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

    /// <returns>The arguments, or the response if Python raises an exception for this type of body.</returns>
    public static (PythonArguments Arguments, Reply? Refusal) From(
        IEnumerable<KeyValuePair<string, string>> pathVariables, ReadOnlySpan<byte> body)
    {
        var arguments = new PythonArguments(pathVariables);
        if (body.IsEmpty || !PythonJsonReader.TryRead(body, out JsonNode? node) || !PythonType.IsTruthy(node))
        {
            return (arguments, null);
        }

        if (node is not JsonObject members)
        {
            return (arguments, Refuse(node!));
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

    private static Reply Refuse(JsonNode node) => node switch
    {
        JsonArray items => RefuseItems(items),
        JsonValue value when value.TryGetValue(out string? _) => Reply.Error(400, "string indices must be integers, not 'str'"),
        _ => Reply.Error(400, $"'{PythonType.NameOf(node)}' object is not iterable"),
    };

    /// <summary>Python uses each item as an index of the list, and then as the name of an argument.</summary>
    private static Reply RefuseItems(JsonArray items)
    {
        foreach (JsonNode? item in items)
        {
            if (PythonType.NameOf(item) is not ("int" or "bool") and var type)
            {
                return Reply.Error(400, $"list indices must be integers or slices, not {type}");
            }

            bool isIndex = item!.AsValue().TryGetValue(out bool flag) ? items.Count > (flag ? 1 : 0)
                : item.AsValue().TryGetValue(out long index) && index < items.Count && index >= -items.Count;
            if (!isIndex)
            {
                return Reply.ServerError("IndexError('list index out of range')");
            }
        }

        return Reply.Error(400, "keywords must be strings");
    }
}
