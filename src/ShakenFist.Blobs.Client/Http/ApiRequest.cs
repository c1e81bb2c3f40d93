namespace ShakenFist.Blobs.Http;

/// <summary>One request to the cluster.</summary>
/// <param name="Method">The HTTP method.</param>
/// <param name="Url">Where to, made by <see cref="Routes"/>.</param>
internal sealed record ApiRequest(HttpMethod Method, Uri Url)
{
    /// <summary>The JSON body, or null for none. The server takes any body as arguments, so there is none where none is due.</summary>
    public ReadOnlyMemory<byte>? Body { get; init; }

    /// <summary>Sending it again does no harm although its method does not say so.</summary>
    public bool Repeatable { get; init; }

    /// <summary>Someone is waiting to see whether the address is right at all: give up early.</summary>
    public bool Probe { get; init; }

    /// <summary>
    /// The caller itself retries: the request is sent exactly once, limited only by the time for one attempt. The circuit breaker neither refuses nor counts it.
    /// </summary>
    public bool SingleAttempt { get; init; }

    /// <summary>Not worth an authentication: sent with the token that is there, or not at all.</summary>
    public bool PresentTokenOnly { get; init; }

    /// <summary>The error that a 404 is here.</summary>
    public SfError NotFound { get; init; } = SfErrors.ResourceNotFound;

    /// <summary>What the request does, for the error message that begins with "Cannot", such as "get blob 578d…".</summary>
    public string? Subject { get; init; }

    /// <summary>The error that a second 401 is here.</summary>
    public SfError Unauthorized { get; init; } = SfErrors.TokenRejected;
}
