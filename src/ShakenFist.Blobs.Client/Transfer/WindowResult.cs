namespace ShakenFist.Blobs.Transfer;

/// <summary>How a data request ended.</summary>
internal enum WindowEnd
{
    /// <summary>Every byte asked for is there.</summary>
    Complete,

    /// <summary>The connection broke or went silent.</summary>
    Dropped,

    /// <summary>The answer took longer than any answer may.</summary>
    TooSlow,

    /// <summary>The body ended properly and is too short.</summary>
    TooShort,

    /// <summary>The body is longer than what was asked for.</summary>
    TooLong,

    /// <summary>The body is something else than the blob's data.</summary>
    NotData,

    /// <summary>No node has the data, though one had some of it before.</summary>
    Missing,
}

/// <summary>What a data request brought.</summary>
/// <param name="End">How it ended.</param>
/// <param name="Accepted">Bytes of the blob that it brought and that can stay.</param>
/// <param name="RequestId">Under which id the cluster's logs know it.</param>
/// <param name="Reason">What went wrong, in words; null if nothing did.</param>
internal readonly record struct WindowResult(WindowEnd End, long Accepted, string RequestId, string? Reason = null);
