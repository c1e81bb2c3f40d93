namespace ShakenFist.Blobs;

/// <summary>Every fault of server, network, path or input that the client reports, tied to its row of <see cref="SfErrors"/>.</summary>
public sealed class SfException : Exception
{
    /// <summary>Makes an exception for a row of the error table.</summary>
    public SfException(SfError error, string message, Exception? innerException = null)
        : base(message, innerException)
    {
        ArgumentNullException.ThrowIfNull(error);
        Error = error;
    }

    /// <summary>The row of the error table.</summary>
    public SfError Error { get; }

    /// <summary>The HTTP status of the answer, or null when there was none.</summary>
    public int? StatusCode { get; init; }

    /// <summary>The request id to look for in the cluster's logs, or null when no request was made.</summary>
    public string? RequestId { get; init; }

    /// <summary>The pause that the server asks for before another attempt, at most <see cref="Http.Backoff.Longest"/>; null if it asks for none.</summary>
    internal TimeSpan? RetryAfter { get; init; }
}
