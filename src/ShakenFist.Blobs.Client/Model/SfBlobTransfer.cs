using System.Globalization;

namespace ShakenFist.Blobs;

/// <summary>What became of one blob that was to be saved.</summary>
public sealed record SfBlobTransfer
{
    /// <summary>UUID of the blob.</summary>
    public Guid BlobUuid { get; init; }

    /// <summary>Full path of the file. Pipes into Get-Item and Get-FileHash.</summary>
    public string? Path { get; init; }

    /// <summary>The path once more, under the name by which commands take it from the pipeline without reading wildcards into it.</summary>
    public string? LiteralPath => Path;

    /// <summary>Saved, or Unchanged where the file was there already and its hash is right.</summary>
    public SfTransferStatus Status { get; init; }

    /// <summary>Length of the file in bytes.</summary>
    public long Size { get; init; }

    /// <summary>Bytes of data received from the cluster, those received twice included.</summary>
    public long BytesReceived { get; init; }

    /// <summary>Bytes that an interrupted transfer had brought before.</summary>
    public long BytesResumed { get; init; }

    /// <summary>Bytes that were received more than once, for whatever reason.</summary>
    public long BytesRepeated { get; init; }

    /// <summary>Parts that were fetched; several may be under way at a time.</summary>
    public int PartCount { get; init; }

    /// <summary>Data requests made.</summary>
    public int RequestCount { get; init; }

    /// <summary>How often the transfer went on at the byte reached after a request had brought less than was asked for.</summary>
    public int ResumeCount { get; init; }

    /// <summary>How often the session had to authenticate anew meanwhile.</summary>
    public int ReauthenticationCount { get; init; }

    /// <summary>Ranges whose bytes were wrong at first and were replaced.</summary>
    public SfRepairedRange[] RepairedRange { get; init; } = [];

    /// <summary>Whether the content is proven.</summary>
    public SfVerificationOutcome Verification { get; init; }

    /// <summary>The algorithm that proved it, such as SHA512; null where nothing was verified.</summary>
    public string? Algorithm { get; init; }

    /// <summary>The file's hash by that algorithm in lower-case hex; null where nothing was verified.</summary>
    public string? Hash { get; init; }

    /// <summary>Time from the first request to the file in its place.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>Mean rate over that time in bytes per second.</summary>
    public double BytesPerSecond => Duration > TimeSpan.Zero ? BytesReceived / Duration.TotalSeconds : 0;

    /// <summary>Request ids of data requests that failed or brought less than was asked for, for the cluster's logs.</summary>
    public string[] FailedRequestId { get; init; } = [];
}

/// <summary>A range of a blob of which two requests brought different bytes.</summary>
/// <param name="Offset">Its first byte.</param>
/// <param name="Length">Its length in bytes.</param>
/// <param name="FirstRequestId">The request that brought the bytes that were replaced; null if that was an earlier run's, or the file was changed since.</param>
/// <param name="RequestId">The request that brought the bytes that stand there now.</param>
public sealed record SfRepairedRange(long Offset, long Length, string? FirstRequestId, string RequestId)
{
    /// <summary>First and last byte.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Offset}-{Offset + Length - 1}");

    /// <summary>In the order of the file, those that follow upon each other and have the same requests as one.</summary>
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

    /// <summary>The first few of them in words, with their requests.</summary>
    internal static string Describe(IReadOnlyList<SfRepairedRange> ranges)
    {
        const int Most = 5;
        string text = string.Join("; ", ranges.Take(Most).Select(r => $"bytes {r} (before: {Before(r)}; now: request id {r.RequestId})"));
        return ranges.Count > Most ? $"{text}; and {ranges.Count - Most} more ranges" : text;

        static string Before(SfRepairedRange range) => range.FirstRequestId is { } id ? $"request id {id}" : "fetched by an earlier run, or changed in the file";
    }
}

/// <summary>What was done to a file.</summary>
public enum SfTransferStatus
{
    /// <summary>The data was fetched and the file put in its place.</summary>
    Saved,

    /// <summary>The file was there already with the right length and hash and was left alone.</summary>
    Unchanged,
}

/// <summary>Whether a file's content is proven to be the blob's.</summary>
public enum SfVerificationOutcome
{
    /// <summary>The hash is the one the cluster published.</summary>
    Verified,

    /// <summary>The cluster has published no hash; the length is right.</summary>
    NotPublished,

    /// <summary>It was not asked for; the length is right.</summary>
    Skipped,
}

/// <summary>How a transfer is to be verified.</summary>
public enum SfVerificationPolicy
{
    /// <summary>By the published hash; where there is none, the length alone, with a warning.</summary>
    IfAvailable,

    /// <summary>By the published hash; where there is none, an error before any data is fetched.</summary>
    Required,

    /// <summary>By the length alone.</summary>
    None,
}
