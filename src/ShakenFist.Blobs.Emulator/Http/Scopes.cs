namespace ShakenFist.Blobs.Emulator;

/// <summary>The scopes that a request requires, if its key has scopes: the class of the object and the verb.</summary>
internal static class Scopes
{
    public const string Administrator = "cluster-admin";

    public static string[] Of(Route route, RouteMethod method)
    {
        string verb = method.Name switch { "GET" => "read", "DELETE" => "delete", _ => "write" };
        string scope = $"{route.ObjectClass}.{verb}";
        return route.PythonClass == "BlobsEndpoint" ? [scope, Administrator] : [scope];
    }

    /// <summary>Returns the response if a scope is missing. A key without scopes is not restricted.</summary>
    public static Reply? Check(IReadOnlyCollection<string>? held, string[] required)
    {
        string? missing = held is null || held.Contains("*") ? null : required.FirstOrDefault(scope => !held.Contains(scope));
        return missing is null ? null : Reply.Error(403, "token is not scoped for " + (missing == Administrator ? "administrative operations" : "this operation"));
    }
}
