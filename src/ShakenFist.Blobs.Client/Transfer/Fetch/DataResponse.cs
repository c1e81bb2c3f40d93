namespace ShakenFist.Blobs.Transfer;

/// <summary>Specifies how a data request ended.</summary>
internal enum ResponseEnd
{
    /// <summary>All requested bytes were received.</summary>
    Complete,

    /// <summary>There was no response, or the server temporarily refused the request.</summary>
    Failed,

    /// <summary>The connection was lost, or no data arrived for too long.</summary>
    Dropped,

    /// <summary>The response exceeded the time limit of a request.</summary>
    TooSlow,

    /// <summary>The body was complete but too short.</summary>
    TooShort,

    /// <summary>The body was longer than requested.</summary>
    TooLong,

    /// <summary>The body did not contain data of the blob.</summary>
    NotData,

    /// <summary>No node has the data, although it was available before.</summary>
    Missing,
}

/// <summary>The result of a data request.</summary>
/// <param name="End">How the request ended.</param>
/// <param name="ValidLength">Number of valid bytes that were received.</param>
/// <param name="RequestId">The request ID, as in the logs of the cluster.</param>
/// <param name="Reason">What went wrong. Null if nothing did.</param>
internal readonly record struct DataResponse(ResponseEnd End, long ValidLength, string RequestId, string? Reason = null)
{
    /// <summary>Whether the bytes are known to belong to the requested offset. If not, only the hash of the whole blob can verify them.</summary>
    public bool IsConfirmed { get; init; }

    /// <summary>The error, if there was no response.</summary>
    public SfException? Error { get; init; }

    /// <summary>Whether waiting does not help, because the length of the cluster's copy differs from its record, or the copy is missing.</summary>
    public bool IsLasting => End is ResponseEnd.TooShort or ResponseEnd.TooLong or ResponseEnd.Missing;

    /// <summary>Creates an exception for the failure.</summary>
    public SfException ToException(Guid blob) => Error ?? new SfException(
        End switch
        {
            ResponseEnd.TooShort or ResponseEnd.TooLong => SfErrors.DataLengthMismatch,
            ResponseEnd.NotData => SfErrors.UnexpectedContent,
            ResponseEnd.Missing => SfErrors.BlobDataMissing,
            ResponseEnd.TooSlow => SfErrors.RequestTimeout,
            _ => SfErrors.ConnectionFailed,
        },
        $"Cannot get the data of blob {blob:D}: {ErrorText.WithRequestId(Reason!, RequestId)}")
    {
        RequestId = RequestId,
    };
}
