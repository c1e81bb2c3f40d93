namespace ShakenFist.Blobs.Http;

/// <summary>
/// What passes between the client and the retrying handler. Compiled into both, since that one lives in another load context and shares only .NET's own types.
/// </summary>
internal static class RequestOption
{
    /// <summary>Takes a line about a retry or an open circuit.</summary>
    public static readonly HttpRequestOptionsKey<Action<string>> Report = new("ShakenFist.Report");

    /// <summary>Told when an answer, or that there was none in time, asks for fewer requests at once.</summary>
    public static readonly HttpRequestOptionsKey<Action?> PushedBack = new("ShakenFist.PushedBack");

    /// <summary>The request may be sent again although it is a POST.</summary>
    public static readonly HttpRequestOptionsKey<bool> Repeatable = new("ShakenFist.Repeatable");

    /// <summary>Retry once only.</summary>
    public static readonly HttpRequestOptionsKey<bool> Probe = new("ShakenFist.Probe");

    /// <summary>Set in the data of an exception: the request was not sent, since too many before it did not get through.</summary>
    public const string CircuitOpen = "ShakenFist.CircuitOpen";
}
