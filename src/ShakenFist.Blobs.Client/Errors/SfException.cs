namespace ShakenFist.Blobs;

/// <summary>An error that the client reports, with its row of <see cref="SfErrors"/>.</summary>
public sealed class SfException : Exception
{
    /// <summary>Creates an exception for a row of the error table.</summary>
    public SfException(SfError error, string message, Exception? innerException = null)
        : base(message, innerException)
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

    /// <summary>Gets the pause that the server requested, at most <see cref="Http.Backoff.Longest"/>. Null if it requested none.</summary>
    internal TimeSpan? RetryAfter { get; init; }
}
