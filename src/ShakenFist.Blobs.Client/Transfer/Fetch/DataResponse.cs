namespace ShakenFist.Blobs.Transfer;

/// <summary>How a data request ended.</summary>
internal enum ResponseEnd
{
    /// <summary>Every requested byte has arrived.</summary>
    Complete,

    /// <summary>There was no response, or the server refused for now.</summary>
    Failed,

    /// <summary>The connection was lost, or no data came for too long.</summary>
    Dropped,

    /// <summary>The response took longer than any response may.</summary>
    TooSlow,

    /// <summary>The body ended properly and is too short.</summary>
    TooShort,

    /// <summary>The body is longer than what was requested.</summary>
    TooLong,

    /// <summary>The body is something else than the data of the blob.</summary>
    NotData,

    /// <summary>No node has the data, though one had some of it before.</summary>
    Missing,
}

/// <summary>What a data request returned.</summary>
/// <param name="End">How it ended.</param>
/// <param name="ValidLength">Bytes of the blob that it brought and that can be kept.</param>
/// <param name="RequestId">The ID under which the logs of the cluster list it.</param>
/// <param name="Reason">What went wrong. Null if nothing did.</param>
internal readonly record struct DataResponse(ResponseEnd End, long ValidLength, string RequestId, string? Reason = null)
{
    /// <summary>Whether the valid bytes are known to be those of their place. If not, only the hash of the blob can tell.</summary>
    public bool IsConfirmed { get; init; }

    /// <summary>The error, if there was no response.</summary>
    public SfException? Error { get; init; }

    /// <summary>Whether waiting does not help: the cluster's copy has another length than its record says, or is gone.</summary>
    public bool IsLasting => End is ResponseEnd.TooShort or ResponseEnd.TooLong or ResponseEnd.Missing;

    /// <summary>The failure as an exception, to be reported or to be the cause of what is.</summary>
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
