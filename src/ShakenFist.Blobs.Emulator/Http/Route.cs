namespace ShakenFist.Blobs.Emulator;

/// <summary>Handles one method of a route.</summary>
internal delegate ValueTask<Reply> Handler(Call call);

/// <summary>A method of a route, with the name and the arguments of the corresponding Python method.</summary>
internal sealed record RouteMethod(string Name, Handler Handler, params string[] Arguments)
{
    public bool IsOpen { get; init; }

    /// <summary>The members that the body must contain. Only generation D checks this before the method is called.</summary>
    public string[] Required { get; init; } = [];

    /// <summary>Whether the method processes the received part of a body if the client disconnects before its end.</summary>
    public bool TakesPartOfBody { get; init; }
}

/// <summary>A path pattern of the API, and the corresponding Python class.</summary>
internal sealed class Route(string pattern, string pythonClass, string allow, params RouteMethod[] methods)
{
    private readonly string[] _segments = pattern.Split('/', StringSplitOptions.RemoveEmptyEntries);

    public string PythonClass => pythonClass;

    /// <summary>The class of the objects, which is the first word of a scope.</summary>
    public string ObjectClass => _segments.FirstOrDefault() is { } first ? first == "blob_checksums" ? "blob" : first.TrimEnd('s') : "";

    /// <summary>The allowed methods in the order of Flask, which is that of a Python set.</summary>
    public string Allow => allow;

    public RouteMethod? Method(string name) =>
        Array.Find(methods, m => m.Name == (HttpMethods.IsHead(name) ? "GET" : name));

    /// <returns>The variables of the path, or null if the pattern does not match.</returns>
    public Dictionary<string, string>? Match(string[] segments)
    {
        if (segments.Length != _segments.Length)
        {
            return null;
        }

        var variables = new Dictionary<string, string>();
        for (int i = 0; i < segments.Length; i++)
        {
            if (_segments[i][0] == '<')
            {
                variables[_segments[i][1..^1]] = segments[i];
            }
            else if (_segments[i] != segments[i])
            {
                return null;
            }
        }

        return variables;
    }
}
