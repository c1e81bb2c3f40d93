namespace ShakenFist.Blobs.Emulator;

/// <summary>Answers one method of a route.</summary>
internal delegate ValueTask<Reply> Handler(Call call);

/// <summary>A method of a route, under the name and with the arguments of the Python method it stands for.</summary>
internal sealed record RouteMethod(string Name, Handler Handler, params string[] Arguments)
{
    public bool IsOpen { get; init; }
}

/// <summary>A path pattern of the API and the Python class behind it.</summary>
internal sealed class Route(string pattern, string pythonClass, string allow, params RouteMethod[] methods)
{
    private readonly string[] _segments = pattern.Split('/', StringSplitOptions.RemoveEmptyEntries);

    public string PythonClass => pythonClass;

    /// <summary>The methods as Flask lists them, in the arbitrary order of its set.</summary>
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
