namespace ShakenFist.Blobs.Http;

/// <summary>One request to the cluster.</summary>
/// <param name="Method">The HTTP method.</param>
/// <param name="Url">The URL, created by <see cref="Routes"/>.</param>
internal sealed record ApiRequest(HttpMethod Method, Uri Url)
{
    /// <summary>Gets the JSON body. The server interprets any body as arguments, so it is empty if there are none.</summary>
    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>Gets a function that creates the body of a request that sends data. Null if the body is <see cref="Body"/>.</summary>
    public Func<HttpContent>? CreateContent { get; init; }

    /// <summary>
    /// Gets whether the request can be sent more than once, because a repetition has no other effect. This is the default only for methods that read. Any other request
    /// is sent again only if it surely had no effect: no connection was established, or the server rejected the token. If its result is not known, the exception has
    /// <see cref="SfException.OutcomeUnknown"/>.
    /// </summary>
    public bool Repeatable { get; init; } = Method == HttpMethod.Get || Method == HttpMethod.Head;

    /// <summary>Gets whether the request checks a new address. It is retried only once.</summary>
    public bool Probe { get; init; }

    /// <summary>
    /// The caller retries: the handler sends the request once, limited only by the time for one attempt. The circuit breaker neither rejects nor counts it.
    /// </summary>
    public bool SingleAttempt { get; init; }

    /// <summary>Gets whether the request has a connection that no other request uses.</summary>
    public bool OwnConnection { get; init; }

    /// <summary>Gets whether the request is sent only if there is a valid token.</summary>
    public bool PresentTokenOnly { get; init; }

    /// <summary>Gets the error for a 404 response.</summary>
    public SfError NotFound { get; init; } = SfErrors.ResourceNotFound;

    /// <summary>Gets the error for a 400 response of the application.</summary>
    public SfError Refused { get; init; } = SfErrors.RequestRefused;

    /// <summary>What the request does, for the error message that begins with "Cannot", such as "get blob 578d…".</summary>
    public string? Subject { get; init; }

    /// <summary>Gets the error for a second 401 response.</summary>
    public SfError Unauthorized { get; init; } = SfErrors.TokenRejected;
}
