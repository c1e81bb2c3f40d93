using System.Text.Json.Nodes;

namespace ShakenFist.Blobs.Emulator;

/// <summary>Validates the JSON body of a request as generation D does: before any lookup, against the members that the call declares.</summary>
internal static class InputValidation
{
    private const int LargestEventLimit = 1000;

    private static readonly string[] Texts = ["event_type", "key", "namespace"];

    /// <returns>The response to the first problem, or null.</returns>
    public static Reply? Check(RouteMethod method, IReadOnlyDictionary<string, string> variables, ReadOnlySpan<byte> body)
    {
        bool isJson = PythonJsonReader.TryRead(body, out JsonNode? node);
        if (isJson && node is not null and not JsonObject)
        {
            return Reply.Error(400, "the request body must be a JSON object");
        }

        JsonObject members = isJson && node is JsonObject found ? found : [];
        return Problems(method, variables, members).FirstOrDefault() is { } problem ? Reply.Error(400, problem) : null;
    }

    private static IEnumerable<string> Problems(RouteMethod method, IReadOnlyDictionary<string, string> variables, JsonObject members)
    {
        foreach ((string name, JsonNode? value) in members)
        {
            if (variables.ContainsKey(name))
            {
                yield return $"{name}: a body key of this name overwrote the URL path parameter";
            }
            else if (!method.Arguments.Contains(name) || name.EndsWith("_from_db", StringComparison.Ordinal))
            {
                yield return $"{name}: not declared by this endpoint";
            }
            else if (value is not null && TypeProblem(name, value) is { } problem)
            {
                yield return $"{name}: {problem}";
            }
        }

        foreach (string name in method.Required.Where(name => members[name] is null))
        {
            yield return $"{name}: declared required but not supplied";
        }
    }

    private static string? TypeProblem(string name, JsonNode value)
    {
        if (name == "limit")
        {
            return PythonType.NameOf(value) != "int" ? "Not a valid integer."
                : value is JsonValue number && number.TryGetValue(out long limit) && limit is >= 1 and <= LargestEventLimit ? null
                : $"Must be greater than or equal to 1 and less than or equal to {LargestEventLimit}.";
        }

        return Texts.Contains(name) && PythonType.NameOf(value) != "str" ? "Not a valid string." : null;
    }
}
