namespace ShakenFist.Blobs.Http;

/// <summary>
/// The options that the client passes to the retrying handler. Compiled into both, because the handler is in another load context and shares only .NET types.
/// </summary>
internal static class RequestOption
{
    /// <summary>Receives a line about a retry or an open circuit.</summary>
    public static readonly HttpRequestOptionsKey<Action<string>> Report = new("ShakenFist.Report");

    /// <summary>The request can be sent more than once. Without this option, it is sent again only if no connection was established.</summary>
    public static readonly HttpRequestOptionsKey<bool> Repeatable = new("ShakenFist.Repeatable");

    /// <summary>The request is retried only once.</summary>
    public static readonly HttpRequestOptionsKey<bool> Probe = new("ShakenFist.Probe");

    /// <summary>The handler sends the request once, without the circuit breaker, because the caller retries.</summary>
    public static readonly HttpRequestOptionsKey<bool> SingleAttempt = new("ShakenFist.SingleAttempt");

    /// <summary>Returns true once after each start of a command: that request tests the circuit if it is not closed.</summary>
    public static readonly HttpRequestOptionsKey<Func<bool>> TakeCircuitTest = new("ShakenFist.TakeCircuitTest");

    /// <summary>
    /// Set in the data of an exception: the request was not sent because the circuit is open. The message of the exception describes the last real failure; the inner
    /// exception is that failure, if it was an exception.
    /// </summary>
    public const string CircuitOpen = "ShakenFist.CircuitOpen";
}
