using System.Globalization;

namespace ShakenFist.Blobs;

/// <summary>The result of saving one blob.</summary>
public sealed record SfBlobSaveResult
{
    /// <summary>Gets the UUID of the blob.</summary>
    public Guid BlobUuid { get; init; }

    /// <summary>Gets the full path of the file. Can be piped to Get-Item and Get-FileHash.</summary>
    public string? Path { get; init; }

    /// <summary>Gets the status: Saved, or Unchanged if the file already existed and was accepted.</summary>
    public SfBlobSaveStatus Status { get; init; }

    /// <summary>Gets the length of the file in bytes.</summary>
    public long Size { get; init; }

    /// <summary>Gets the number of data bytes received from the cluster, including bytes received more than once.</summary>
    public long BytesReceived { get; init; }

    /// <summary>Gets the number of bytes that an interrupted transfer had received earlier.</summary>
    public long BytesResumed { get; init; }

    /// <summary>Gets the number of bytes that were received more than once.</summary>
    public long BytesRepeated { get; init; }

    /// <summary>Gets the number of ranges that were fetched, several of them in parallel.</summary>
    public int RangeCount { get; init; }

    /// <summary>Gets the number of data requests.</summary>
    public int RequestCount { get; init; }

    /// <summary>Gets how often the transfer continued at the last byte received, after a request returned less than requested.</summary>
    public int ResumeCount { get; init; }

    /// <summary>Gets how often the session authenticated again during the transfer.</summary>
    public int ReauthenticationCount { get; init; }

    /// <summary>Gets the ranges that were damaged at first and were replaced.</summary>
    public SfRepairedRange[] RepairedRanges { get; init; } = [];

    /// <summary>Gets whether the content was verified.</summary>
    public SfVerificationOutcome Verification { get; init; }

    /// <summary>Gets the algorithm used for verification, such as SHA512. Null if the content was not verified.</summary>
    public SfHashAlgorithm? Algorithm { get; init; }

    /// <summary>Gets the hash of the file in lower-case hexadecimal digits. Null if the content was not verified.</summary>
    public string? Hash { get; init; }

    /// <summary>Gets the time from the first request until the file had its name.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>Gets the average rate over that time, in bytes per second.</summary>
    public double BytesPerSecond => Duration > TimeSpan.Zero ? BytesReceived / Duration.TotalSeconds : 0;

    /// <summary>Gets the request IDs of data requests that failed or returned less than requested, to search for in the cluster logs.</summary>
    public string[] FailedRequestIds { get; init; } = [];
}

/// <summary>A range of a blob for which two requests returned different bytes.</summary>
/// <param name="Offset">The first byte.</param>
/// <param name="Length">The length in bytes.</param>
/// <param name="FirstRequestId">The request that returned the replaced bytes. Null if an earlier run received them, or the file was changed since.</param>
/// <param name="RequestId">The request that returned the current bytes.</param>
public sealed record SfRepairedRange(long Offset, long Length, string? FirstRequestId, string RequestId)
{
    /// <summary>Returns the first and the last byte.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Offset}-{Offset + Length - 1}");

    /// <summary>Sorts the ranges by offset and joins adjacent ranges of the same requests.</summary>
    internal static IReadOnlyList<SfRepairedRange> Join(IEnumerable<SfRepairedRange> ranges)
    {
        List<SfRepairedRange> joined = [];
        foreach (SfRepairedRange range in ranges.OrderBy(r => r.Offset))
        {
            if (joined.Count > 0 && joined[^1] is { } last && last.Offset + last.Length == range.Offset && last.FirstRequestId == range.FirstRequestId && last.RequestId == range.RequestId)
            {
                joined[^1] = last with { Length = last.Length + range.Length };
            }
            else
            {
                joined.Add(range);
            }
        }

        return joined;
    }

    /// <summary>Describes the first ranges and their requests.</summary>
    internal static string Describe(IReadOnlyList<SfRepairedRange> ranges)
    {
        const int MaxShown = 5;
        string text = string.Join("; ", ranges.Take(MaxShown).Select(r => $"bytes {r} (before: {Before(r)}; now: request id {r.RequestId})"));
        return ranges.Count > MaxShown ? $"{text}; and {ranges.Count - MaxShown} more ranges" : text;

        static string Before(SfRepairedRange range) => range.FirstRequestId is { } id ? $"request id {id}" : "fetched by an earlier run, or changed in the file";
    }
}

/// <summary>The outcome for a file.</summary>
public enum SfBlobSaveStatus
{
    /// <summary>No data has been saved: the value of an empty record. No command outputs it.</summary>
    NotSaved,

    /// <summary>The file already existed and was not changed.</summary>
    Unchanged,

    /// <summary>The data was fetched and saved.</summary>
    Saved,
}

/// <summary>Whether the content of a file was verified.</summary>
public enum SfVerificationOutcome
{
    /// <summary>Only the length was checked: no verification was requested, or the hash that the cluster published cannot be read.</summary>
    NotVerified,

    /// <summary>The cluster has not published a hash. The length matches.</summary>
    NotPublished,

    /// <summary>No hash is available. All data was downloaded twice, and both downloads returned the same bytes.</summary>
    Reread,

    /// <summary>The hash matches the published hash.</summary>
    Verified,
}

/// <summary>How a transfer is verified.</summary>
public enum SfVerificationPolicy
{
    /// <summary>Compares the published hash. If there is none, compares only the length, with a warning.</summary>
    IfAvailable,

    /// <summary>Compares the published hash. If there is none, reports an error before any data is fetched.</summary>
    Required,

    /// <summary>Compares only the length.</summary>
    None,

    /// <summary>Compares the published hash. If there is none, downloads all data twice and compares it.</summary>
    Reread,
}
