using System.Globalization;

namespace ShakenFist.Blobs.Transfer;

/// <summary>
/// Saves one blob as one file: windows of bytes into a temporary file beside the target, hashed as they arrive, resumed at the byte reached after any drop,
/// and renamed only when length and hash are proven. The target is the old file or the whole new one at every moment.
/// </summary>
internal sealed class BlobDownload(SfSession session, SfBlob blob, string path, SfDownloadOptions options, ISfLog log)
{
    // What a failed transfer leaves behind.
    private const string Aftermath = "; the temporary file was removed and the target left as it was.";

    /// <summary>How far it is; to be sampled from any thread.</summary>
    public DownloadProgress Progress { get; } = new();

    /// <summary>Does it.</summary>
    /// <exception cref="SfException">It could not be done; the target is what it was.</exception>
    public async Task<SfBlobTransfer> RunAsync(CancellationToken cancellationToken)
    {
        TimeProvider time = session.Options.TimeProvider;
        long started = time.GetTimestamp();
        long size = CheckReady();
        PublishedHash? hash = ChooseHash();
        TargetFile target = TargetFile.Inspect(path);
        if (await IsUnchangedAsync(target, size, hash, cancellationToken).ConfigureAwait(false))
        {
            return Result(SfTransferStatus.Unchanged, size, hash, fetch: null, time.GetElapsedTime(started));
        }

        using PartialFile part = PartialFile.Open(target.Path);
        TrailingHasher? hasher = hash is null ? null : new TrailingHasher(part.Handle, hash.Algorithm.Create());
        RangeFetch fetch = new(session, blob.Uuid, size, part, hasher, Progress, log) { Aftermath = Aftermath };
        try
        {
            Progress.Activity = "Receiving";
            await fetch.RunAsync(0, size, cancellationToken).ConfigureAwait(false);
            if (hasher is not null)
            {
                Progress.Activity = "Verifying";
                hash!.ThrowIfOther(blob, await hasher.CompleteAsync(size, cancellationToken).ConfigureAwait(false), $"All its bytes had arrived{Aftermath}");
            }
        }
        catch (IOException e)
        {
            throw FileErrors.Of(e, target.Path);
        }
        finally
        {
            if (hasher is not null)
            {
                await hasher.DisposeAsync().ConfigureAwait(false);
            }
        }

        Progress.Activity = "Flushing to disk";
        await part.MoveToAsync(target.Path, size, options.Force, cancellationToken).ConfigureAwait(false);
        return Result(SfTransferStatus.Saved, size, hash, fetch, time.GetElapsedTime(started));
    }

    private long CheckReady()
    {
        if (blob.Size is not > 0 || blob.State == "initial")
        {
            throw new SfException(SfErrors.BlobNotReady, blob.State == "initial"
                ? $"Blob {blob.Uuid:D} is still being made (state initial)."
                : $"Blob {blob.Uuid:D} has no known size.");
        }

        if (blob.State is not (null or "created"))
        {
            log.Warning($"Blob {blob.Uuid:D} is in state '{ServerText.Clean(blob.State, 40)}'; its data may be gone or damaged.");
        }

        Progress.Total = blob.Size.Value;
        return blob.Size.Value;
    }

    private PublishedHash? ChooseHash()
    {
        if (options.Verification == SfVerificationPolicy.None)
        {
            return null;
        }

        PublishedHash? hash = PublishedHash.Of(blob);
        if (hash is null && options.Verification == SfVerificationPolicy.Required)
        {
            throw new SfException(SfErrors.ChecksumNotPublished, $"The cluster has published no checksum of blob {blob.Uuid:D}, so it could not be verified. Nothing was fetched.");
        }

        return hash;
    }

    private async Task<bool> IsUnchangedAsync(TargetFile target, long size, PublishedHash? hash, CancellationToken cancellationToken)
    {
        if (target.Length is null)
        {
            return false;
        }

        Progress.Activity = "Comparing the existing file";
        if (hash is not null && await target.HoldsAsync(size, hash, hashed => Progress.Position = hashed, cancellationToken).ConfigureAwait(false))
        {
            log.Verbose($"'{target.Path}' is blob {blob.Uuid:D} already ({hash.Algorithm} {hash.Hex}).");
            return true;
        }

        if (options.Force)
        {
            return false;
        }

        string difference = target.Length != size
            ? string.Create(CultureInfo.InvariantCulture, $"is {target.Length} bytes long, where blob {blob.Uuid:D} has {size}")
            : hash is null ? "exists, and without a checksum nothing tells whether it is the blob" : $"exists with the length of blob {blob.Uuid:D} and other content";
        throw new SfException(SfErrors.TargetExists, $"'{target.Path}' {difference}.");
    }

    private SfBlobTransfer Result(SfTransferStatus status, long size, PublishedHash? hash, RangeFetch? fetch, TimeSpan duration) => new()
    {
        BlobUuid = blob.Uuid,
        Path = path,
        Status = status,
        Size = size,
        BytesReceived = Progress.Received,
        RequestCount = fetch?.RequestCount ?? 0,
        ResumeCount = fetch?.ResumeCount ?? 0,
        Verification = hash is not null ? SfVerificationOutcome.Verified
            : options.Verification == SfVerificationPolicy.None ? SfVerificationOutcome.Skipped : SfVerificationOutcome.NotPublished,
        Algorithm = hash?.Algorithm.ToString(),
        Hash = hash?.Hex,
        Duration = duration,
        FailedRequestId = fetch?.FailedRequestIds ?? [],
    };
}
