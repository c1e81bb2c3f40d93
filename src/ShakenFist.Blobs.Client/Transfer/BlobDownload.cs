using System.Globalization;
using System.Security.Cryptography;

namespace ShakenFist.Blobs.Transfer;

/// <summary>
/// Saves one blob as one file: parts over several connections into a temporary file beside the target, noted in a journal, hashed as they come, and renamed only
/// when length and hash are proven. The target is the old file or the whole new one at every moment, and what has arrived need not be fetched again.
/// </summary>
internal sealed class BlobDownload(SfSession session, SfBlob blob, string path, SfDownloadOptions options, ISfLog log)
{
    // Times that differing parts are fetched anew before the transfer is given up.
    private const int MaxRepairs = 2;

    private readonly List<SfRepairedRange> _repaired = [];
    private readonly int _authentications = session.AuthenticationCount;
    private long _resumed;

    // What the message of a failure says of the bytes that have come.
    private string _aftermath = string.Empty;

    /// <summary>How far it is; to be sampled from any thread.</summary>
    public DownloadProgress Progress { get; } = new();

    /// <summary>Does it.</summary>
    /// <exception cref="SfException">It could not be done; the target is what it was.</exception>
    public async Task<SfBlobTransfer> RunAsync(CancellationToken cancellationToken)
    {
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, options.Deadline);
        try
        {
            options.Deadline.ThrowIfCancellationRequested();
            return await RunWithinDeadlineAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (options.Deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new SfException(SfErrors.DeadlineReached, $"The time for blob {blob.Uuid:D} was over.{_aftermath}");
        }
        catch (SfException e) when (_aftermath.Length > 0)
        {
            throw new SfException(e.Error, e.Message + _aftermath, e) { StatusCode = e.StatusCode, RequestId = e.RequestId };
        }
    }

    private async Task<SfBlobTransfer> RunWithinDeadlineAsync(CancellationToken cancellationToken)
    {
        long started = session.Options.TimeProvider.GetTimestamp();
        long size = CheckReady();
        PublishedHash? hash = ChooseHash();
        TargetFile target = TargetFile.Inspect(path);
        if (target.Length is not null && await IsUnchangedAsync(target, size, hash, cancellationToken).ConfigureAwait(false))
        {
            LeftBehind.Remove(target.Path, blob.Uuid);
            return Result(SfTransferStatus.Unchanged, size, hash, fetch: null, context: null, Elapsed());
        }

        bool sparse = options.Sparse == SfSparsePolicy.Always || (options.Sparse == SfSparsePolicy.Auto && blob.FileFormat == "raw");
        if (!sparse && !File.Exists(target.Path + PartialFile.Suffix))
        {
            DiskSpace.Check(target.Path, size);
        }

        using PartialFile part = await PartialFile.OpenAsync(target.Path, size, sparse, cancellationToken).ConfigureAwait(false);
        TargetFile afterwards = TargetFile.Inspect(path);
        if (afterwards.Length is not null && afterwards != target && await IsUnchangedAsync(afterwards, size, hash, cancellationToken).ConfigureAwait(false))
        {
            // Another transfer to the same file has just ended.
            return Result(SfTransferStatus.Unchanged, size, hash, fetch: null, context: null, Elapsed());
        }

        DateTime now = session.Options.TimeProvider.GetUtcNow().UtcDateTime;
        using TransferFiles files = TransferFiles.Open(part, target.Path, blob, session.Options.PartBytes ?? PartMap.PartBytesFor(size), options, now, log);
        FetchContext context = new(session, blob.Uuid, size, options.Limits ?? new SfTransferLimits(time: session.Options.TimeProvider), Progress, log);
        ParallelFetch fetch = new(context, files, options.CreateXxh128);
        try
        {
            Progress.Activity = "Checking what is there";
            _resumed = await files.CheckAsync(options.CreateXxh128, Progress.Advance, log, cancellationToken).ConfigureAwait(false);
            Progress.Position = _resumed;
            await FetchAndVerifyAsync(context, fetch, files, hash, cancellationToken).ConfigureAwait(false);
            Progress.Activity = "Flushing to disk";
            await files.FinishAsync(target.Path, options.Force, cancellationToken).ConfigureAwait(false);
            return Result(SfTransferStatus.Saved, size, hash, fetch, context, Elapsed());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw FileErrors.Of(e, target.Path);
        }
        finally
        {
            if (!part.IsFinished)
            {
                _aftermath = files.LeaveBehind(Progress.Position);
            }
        }

        TimeSpan Elapsed() => session.Options.TimeProvider.GetElapsedTime(started);
    }

    private long CheckReady()
    {
        if (blob.Size is not > 0 || blob.State == "initial")
        {
            throw new SfException(SfErrors.BlobNotReady, blob.State == "initial"
                ? $"Blob {blob.Uuid:D} is still being made (state initial)."
                : $"Blob {blob.Uuid:D} has no known size.");
        }

        if (PartMap.CountFor(blob.Size.Value, PartMap.LargestPart) > PartMap.MostParts)
        {
            throw new SfException(SfErrors.DiskFull, $"'{path}' would have {blob.Size} bytes, which is more than any file. Nothing was fetched.");
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

        PublishedHash? named = options.Algorithm is { } algorithm ? PublishedHash.Of(blob, algorithm) : null;
        PublishedHash? hash = named ?? PublishedHash.Of(blob);
        if (options.Verification == SfVerificationPolicy.Required && (options.Algorithm is null ? hash : named) is null)
        {
            throw new SfException(SfErrors.ChecksumNotPublished,
                $"The cluster has published no {options.Algorithm?.ToString() ?? "checksum"} of blob {blob.Uuid:D}, so it could not be verified. Nothing was fetched.");
        }

        if (options.Algorithm is not null && named is null && hash is not null)
        {
            log.Warning($"The cluster has published no {options.Algorithm} of blob {blob.Uuid:D}: verifying by {hash.Algorithm}.");
        }

        return hash;
    }

    private HashAlgorithm CreateHasher(PublishedHash hash) => hash.Algorithm != SfHashAlgorithm.XXH128 ? hash.Algorithm.Create()
        : options.CreateXxh128?.Invoke() ?? throw new NotSupportedException("XXH128 needs a hasher of the caller's.");

    private async Task<bool> IsUnchangedAsync(TargetFile target, long size, PublishedHash? hash, CancellationToken cancellationToken)
    {
        if (options.SkipExisting == SfExistingCheck.SizeAndTime)
        {
            if (target.Length == size && blob.Modified is { } made && target.LastWriteTime >= made)
            {
                log.Verbose($"'{target.Path}' has the length of blob {blob.Uuid:D} and was written after it was made.");
                return true;
            }
        }
        else if (hash is not null)
        {
            Progress.Activity = "Comparing the existing file";
            using HashAlgorithm hasher = CreateHasher(hash);
            if (await target.HoldsAsync(size, hash, hasher, hashed => Progress.Position = hashed, cancellationToken).ConfigureAwait(false))
            {
                log.Verbose($"'{target.Path}' is blob {blob.Uuid:D} already ({hash.Algorithm} {hash.Hex}).");
                return true;
            }

            Progress.Position = 0;
        }

        if (options.Force)
        {
            return false;
        }

        string difference = target.Length != size
            ? string.Create(CultureInfo.InvariantCulture, $"is {target.Length} bytes long, where blob {blob.Uuid:D} has {size}")
            : options.SkipExisting == SfExistingCheck.SizeAndTime ? $"exists, and is older than blob {blob.Uuid:D}, or nothing tells when that was made"
            : hash is null ? "exists, and without a checksum nothing tells whether it is the blob"
            : $"exists with the length of blob {blob.Uuid:D} and other content";
        throw new SfException(SfErrors.TargetExists, $"'{target.Path}' {difference}.");
    }

    private async Task FetchAndVerifyAsync(FetchContext context, ParallelFetch fetch, TransferFiles files, PublishedHash? hash, CancellationToken cancellationToken)
    {
        TrailingHasher? hasher = hash is null ? null : new TrailingHasher(files.Part.Handle, files.Part.Path, CreateHasher(hash));
        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task flushing = files.FlushNowAndThenAsync(session.Options.TimeProvider, over.Token, cancellationToken);
        try
        {
            files.Part.Hasher = hasher;
            Progress.Activity = "Receiving";
            await fetch.RunAsync(cancellationToken).ConfigureAwait(false);
            if (hash is not null)
            {
                Progress.Activity = "Verifying";
                byte[] found = await hasher!.CompleteAsync(files.Map.Size, cancellationToken).ConfigureAwait(false);
                await RepairAsync(context, fetch, files, hash, found, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            await over.CancelAsync().ConfigureAwait(false);
            await flushing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            files.Part.Hasher = null;
            if (hasher is not null)
            {
                await hasher.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    /// <summary>As long as the hash is not the published one, and fetching again brings something else, replaces what differs.</summary>
    private async Task RepairAsync(FetchContext context, ParallelFetch fetch, TransferFiles files, PublishedHash hash, byte[] found, CancellationToken cancellationToken)
    {
        PartRepair repair = new(context, fetch, files, options.CreateXxh128);
        for (int round = 1; !hash.Matches(found); round++)
        {
            if (round > MaxRepairs)
            {
                throw Mismatch(hash, found);
            }

            log.Warning($"The data of blob {blob.Uuid:D} has not the {hash.Algorithm} that is published. Fetching it again to see which part of it is wrong.");
            IReadOnlyList<SfRepairedRange> repaired = await repair.RunAsync(cancellationToken).ConfigureAwait(false);
            _repaired.AddRange(repaired);
            if (repaired.Count == 0)
            {
                throw Mismatch(hash, found);
            }

            log.Warning($"Ranges of blob {blob.Uuid:D} that came out differently, and were replaced: {SfRepairedRange.Describe(repaired)}.");
            Progress.Activity = "Verifying";
            found = await files.Part.HashAsync(CreateHasher(hash), files.Map.Size, cancellationToken).ConfigureAwait(false);
        }
    }

    private SfException Mismatch(PublishedHash hash, byte[] found)
    {
        string differed = _repaired.Count == 0
            ? "Fetched twice, it was the same both times"
            : $"Fetched again, these ranges came out differently each time: {SfRepairedRange.Describe(_repaired)}";
        return new SfException(SfErrors.HashMismatch,
            $"The data of blob {blob.Uuid:D} has the {hash.Algorithm} {PublishedHash.Write(found)}, where {hash.Hex} is published. {differed}. The target is left as it was.");
    }

    private SfBlobTransfer Result(SfTransferStatus status, long size, PublishedHash? published, ParallelFetch? fetch, FetchContext? context, TimeSpan duration)
    {
        PublishedHash? hash = status == SfTransferStatus.Unchanged && options.SkipExisting == SfExistingCheck.SizeAndTime ? null : published;
        return new SfBlobTransfer
        {
            BlobUuid = blob.Uuid,
            Path = path,
            Status = status,
            Size = size,
            BytesReceived = Progress.Received,
            BytesResumed = _resumed,
            BytesRepeated = status == SfTransferStatus.Saved ? Math.Max(0, Progress.Received - (size - _resumed)) : 0,
            PartCount = fetch?.RangeCount ?? 0,
            RequestCount = context?.RequestCount ?? 0,
            ResumeCount = context?.ResumeCount ?? 0,
            ReauthenticationCount = session.AuthenticationCount - _authentications,
            RepairedRange = [.. _repaired],
            Verification = hash is not null ? SfVerificationOutcome.Verified
                : options.Verification == SfVerificationPolicy.None || status == SfTransferStatus.Unchanged ? SfVerificationOutcome.Skipped : SfVerificationOutcome.NotPublished,
            Algorithm = hash?.Algorithm.ToString(),
            Hash = hash?.Hex,
            Duration = duration,
            FailedRequestId = [.. context?.FailedRequestIds ?? []],
        };
    }
}
