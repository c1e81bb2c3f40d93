namespace ShakenFist.Blobs;

/// <summary>An error that the client reports, with its row of <see cref="SfErrors"/>.</summary>
public sealed class SfException : Exception
{
    /// <summary>Creates an exception for a row of the error table. The message ends with a full stop, whether or not the text does.</summary>
    public SfException(SfError error, string message, Exception? innerException = null)
        : base(ErrorText.Sentence(message), innerException)
    {
        ArgumentNullException.ThrowIfNull(error);
        Error = error;
    }

    /// <summary>Gets the row of the error table.</summary>
    public SfError Error { get; }

    /// <summary>Gets the HTTP status of the response. Null if there was none.</summary>
    public int? StatusCode { get; init; }

    /// <summary>Gets the request ID in the cluster logs. Null if no request was sent.</summary>
    public string? RequestId { get; init; }

    /// <summary>
    /// Gets whether the cluster may have carried out the request: it was sent, and the response was lost or is an error that can occur afterward. Then a request that
    /// must not be repeated requires a look at the cluster.
    /// </summary>
    internal bool OutcomeUnknown => RequestId is not null && WasSent && StatusCode is null or 200 or 408 or >= 500;

    /// <summary>Gets whether a connection was established, so that the request can have been sent.</summary>
    internal bool WasSent { get; init; } = true;

    /// <summary>Gets the pause that the server requested, at most <see cref="Http.Backoff.Longest"/>. Null if it requested none.</summary>
    internal TimeSpan? RetryAfter { get; init; }
}
