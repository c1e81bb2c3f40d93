using System.Globalization;
using System.Security.Cryptography;
using ShakenFist.Blobs.Files;

namespace ShakenFist.Blobs.Transfer;

/// <summary>
/// Saves one blob to one file: checks the existing files, fetches the missing data into a <see cref="PartialDownload"/>, verifies it, and commits it. The target does
/// not change before the commit. A later run can use the data received so far.
/// </summary>
internal sealed class BlobDownload(SfSession session, SfBlob blob, string path, SfBlobSaveOptions options, ISfLog log)
{
    // The number of times that differing blocks are fetched again before the transfer fails.
    private const int MaxRepairs = 2;

    private readonly List<SfRepairedRange> _repaired = [];
    private readonly int _authentications = session.AuthenticationCount;
    private long _resumed;

    // The sentence about the received data in the message of a failure.
    private string _failureDetail = string.Empty;

    /// <summary>The progress of the transfer. Can be read from any thread.</summary>
    public DownloadProgress Progress { get; } = options.Progress ?? new();

    /// <summary>Saves the blob.</summary>
    /// <exception cref="SfException">The blob cannot be saved. The target is unchanged.</exception>
    public async Task<SfBlobSaveResult> RunAsync(CancellationToken cancellationToken)
    {
        using RetryClock retry = new(options.RetryTimeout, session.Options.TimeProvider, options.InitialRetryTimeout);
        using CancellationTokenSource any = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, options.TimeLimit, retry.Token);
        try
        {
            options.TimeLimit.ThrowIfCancellationRequested();
            return await RunAsync(retry, any.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (options.TimeLimit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new SfException(SfErrors.TimeLimitReached, $"The time limit was reached before blob {blob.Uuid:D} was complete. {_failureDetail}");
        }
        catch (OperationCanceledException) when (retry.Token.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw WithDetail(retry.ToException(blob.Uuid));
        }
        catch (SfException e) when (_failureDetail.Length > 0)
        {
            throw WithDetail(e);
        }
    }

    private SfException WithDetail(SfException e) =>
        new(e.Error, ErrorText.Sentences(e.Message, _failureDetail), e.InnerException) { StatusCode = e.StatusCode, RequestId = e.RequestId };

    private async Task<SfBlobSaveResult> RunAsync(RetryClock retry, CancellationToken cancellationToken)
    {
        long started = session.Options.TimeProvider.GetTimestamp();
        long size = CheckReady();
        PublishedHash? published = ChooseHash(PublishedHash.AllOf(blob));
        TargetFile target = TargetFile.Inspect(path);
        if (target.Length is not null && await IsUnchangedAsync(target, size, published, cancellationToken).ConfigureAwait(false))
        {
            InterruptedTransfer.RemoveIfOf(target.Path, blob.Uuid);
            return Result(SfBlobSaveStatus.Unchanged, size, published, fetch: null, context: null, Elapsed());
        }

        using PartialDownload download = await PartialDownload.OpenAsync(target.Path, PlanOf(size), log, cancellationToken).ConfigureAwait(false);
        bool abandons = true;
        try
        {
            TargetFile now = TargetFile.Inspect(path);
            if (now.Length is not null && now != target && await IsUnchangedAsync(now, size, download.Hash, cancellationToken).ConfigureAwait(false))
            {
                // Another transfer to the same file completed just before this one opened it.
                return Result(SfBlobSaveStatus.Unchanged, size, download.Hash, fetch: null, context: null, Elapsed());
            }

            DownloadContext context = NewContext(download, retry);
            ParallelFetch fetch = new(context, download);
            Progress.Activity = "Checking the data on disk";
            _resumed = await download.CheckAsync(Progress.Advance, log, cancellationToken).ConfigureAwait(false);
            Progress.Position = _resumed;
            await FetchAndVerifyAsync(context, fetch, download, cancellationToken).ConfigureAwait(false);
            Progress.Activity = "Flushing to disk";
            await download.CommitAsync(options.Force, cancellationToken).ConfigureAwait(false);
            abandons = false;
            return Result(SfBlobSaveStatus.Saved, size, download.Hash, fetch, context, Elapsed());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or SfException { Error.Id: nameof(SfErrors.DiskFull) })
        {
            SfException failure = e as SfException ?? FileErrors.Of(e, target.Path);
            throw failure.Error == SfErrors.DiskFull ? download.DescribeFullDisk(failure) : failure;
        }
        finally
        {
            if (abandons && !download.IsCommitted)
            {
                _failureDetail = download.Abandon(Progress.Position);
            }

            await download.EndAsync().ConfigureAwait(false);
        }

        TimeSpan Elapsed() => session.Options.TimeProvider.GetElapsedTime(started);
    }

    /// <summary>Returns what <see cref="RunAsync(CancellationToken)"/> would do, without changing any file or fetching data.</summary>
    /// <exception cref="SfException">The blob cannot be saved.</exception>
    public async Task<SavePreview> PreviewAsync(CancellationToken cancellationToken)
    {
        long size = CheckReady();
        TargetFile target = TargetFile.Inspect(path);
        if (target.Length is not null && await IsUnchangedAsync(target, size, ChooseHash(PublishedHash.AllOf(blob)), cancellationToken).ConfigureAwait(false))
        {
            return new SavePreview(IsUnchanged: true, Replaces: false, PercentComplete: 0);
        }

        SfBlobTransfer? transfer = BlobTransferApi.Get(target.Path);
        bool resumes = transfer is { State: SfBlobTransferState.Resumable, BytesTransferred: > 0 } && transfer.BlobUuid == blob.Uuid && transfer.Size == size && transfer.Path == target.Path;
        return new SavePreview(IsUnchanged: false, target.Length is not null, resumes ? transfer!.PercentComplete : 0);
    }

    private DownloadPlan PlanOf(long size) => new()
    {
        Blob = blob,
        Size = size,
        BlockBytes = session.Options.BlockBytes ?? BlockTable.BlockBytesFor(size),
        Sparse = options.Sparse == SfSparsePolicy.Always || (options.Sparse == SfSparsePolicy.Auto && blob.FileFormat == "raw"),
        Force = options.Force,
        ComparesDownloads = options.Verification == SfVerificationPolicy.Reread,
        MinimumFreeSpace = options.MinimumFreeSpace,
        Now = session.Options.TimeProvider.GetUtcNow().UtcDateTime,
        CreateXxh128 = options.CreateXxh128,
        ChooseHash = RequireHash,
    };

    private DownloadContext NewContext(PartialDownload download, RetryClock retry)
    {
        retry.SetLeft(() => download.Size - download.BytesComplete);
        SfTransferLimits limits = options.Limits ?? new SfTransferLimits(time: session.Options.TimeProvider);
        return new DownloadContext(session, blob.Uuid, download.Size, limits, retry, Progress, log) { HasFinalHash = download.HasFinalHash, ReadsToEnd = true };
    }

    private long CheckReady()
    {
        if (blob.Size is not > 0 || blob.State == "initial")
        {
            throw new SfException(SfErrors.BlobNotReady, blob.State == "initial"
                ? $"Blob {blob.Uuid:D} is still being created (state initial)."
                : blob.Size == 0 ? $"The cluster reports a size of 0 bytes for blob {blob.Uuid:D}, so there is no data to save."
                : $"Blob {blob.Uuid:D} has no known size.");
        }

        if (BlockTable.CountFor(blob.Size.Value, BlockTable.MaxBlockBytes) > BlockTable.MaxCount)
        {
            throw new SfException(SfErrors.DiskFull,
                $"Blob {blob.Uuid:D} is {ErrorText.Bytes(blob.Size.Value)}, which is more than the maximum file size of {ErrorText.Bytes(BlockTable.MaxCount * BlockTable.MaxBlockBytes)}. No data was fetched.");
        }

        if (blob.State is not (null or "created"))
        {
            log.Warning($"Blob {blob.Uuid:D} is in state '{ServerText.Clean(blob.State, 40)}'. Its data may be missing or damaged.");
        }

        Progress.Total = blob.Size.Value;
        return blob.Size.Value;
    }

    /// <summary>Chooses the hash to verify by from all published hashes. Null for none.</summary>
    private PublishedHash? ChooseHash(IReadOnlyList<PublishedHash> hashes) => options.Verification == SfVerificationPolicy.None ? null
        : hashes.FirstOrDefault(h => h.Algorithm == options.Algorithm) ?? PublishedHash.Best(hashes);

    /// <exception cref="SfException"><see cref="SfErrors.ChecksumNotPublished"/> if a hash is required and none is published.</exception>
    private PublishedHash? RequireHash(IReadOnlyList<PublishedHash> hashes)
    {
        PublishedHash? hash = ChooseHash(hashes);
        if (options.Verification == SfVerificationPolicy.Required && (hash is null || (options.Algorithm is not null && hash.Algorithm != options.Algorithm)))
        {
            throw new SfException(SfErrors.ChecksumNotPublished, $"{PublishedHash.DescribeMissing(blob, options.Algorithm)} The blob was not saved, because it cannot be verified.");
        }

        return hash;
    }

    /// <summary>Whether verification is skipped because the cluster published only hashes that cannot be read.</summary>
    private bool IsHashUnreadable(PublishedHash? hash) =>
        hash is null && options.Verification != SfVerificationPolicy.None && PublishedHash.DescribeUnreadable(blob) is not null;

    private async Task<bool> IsUnchangedAsync(TargetFile target, long size, PublishedHash? hash, CancellationToken cancellationToken)
    {
        if (options.ExistingFileCheck == SfExistingFileCheck.SizeAndTime)
        {
            if (target.Length == size && blob.Modified is { } modified && target.LastWriteTime >= modified.ToUniversalTime())
            {
                log.Verbose($"'{target.Path}' was skipped: its length matches blob {blob.Uuid:D}, and it was last written after the blob was modified.");
                return true;
            }
        }
        else if (hash is not null)
        {
            Progress.Activity = "Comparing the existing file";
            using HashAlgorithm hasher = PlanOf(size).CreateHasher(hash);
            if (await target.HoldsAsync(size, hash, hasher, hashed => Progress.Position = hashed, cancellationToken).ConfigureAwait(false))
            {
                log.Verbose($"'{target.Path}' already contains blob {blob.Uuid:D} ({hash.Algorithm} {hash.Hex}).");
                return true;
            }

            Progress.Position = 0;
        }

        if (options.Force)
        {
            return false;
        }

        (string has, string wanted) = ErrorText.Different(target.Length!.Value, size);
        string difference = target.Length != size ? $"has a length of {has}, but blob {blob.Uuid:D} has {wanted}"
            : options.ExistingFileCheck == SfExistingFileCheck.SizeAndTime ? $"exists, and cannot be confirmed to be newer than blob {blob.Uuid:D}"
            : hash is null ? $"exists and cannot be compared with blob {blob.Uuid:D}, because no hash is available"
            : $"exists with the length of blob {blob.Uuid:D} and different content";
        throw new SfException(SfErrors.TargetExists, $"'{target.Path}' {difference}.");
    }

    private async Task FetchAndVerifyAsync(DownloadContext context, ParallelFetch fetch, PartialDownload download, CancellationToken cancellationToken)
    {
        if (options.Algorithm is { } wanted && download.Hash is { } chosen && chosen.Algorithm != wanted)
        {
            log.Warning($"{PublishedHash.DescribeMissing(blob, wanted)} Verifying by {chosen.Algorithm}.");
        }
        else if (IsHashUnreadable(download.Hash) && download.NeedsSecondDownload)
        {
            log.Warning($"{PublishedHash.DescribeMissing(blob)} The data is compared with a second download.");
        }
        else if (IsHashUnreadable(download.Hash))
        {
            log.Warning($"{PublishedHash.DescribeMissing(blob)} The data is saved without verification.");
        }

        if (download.IsSmall)
        {
            await RunAsync(cancellationToken).ConfigureAwait(false);
            return;
        }

        using CancellationTokenSource fetching = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task flushing = FlushAsync();
        try
        {
            await RunAsync(fetching.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (fetching.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            // The exception of the flush task explains why the transfer cannot continue. Await it, because the task cancels this operation before it ends.
            await flushing.ConfigureAwait(false);
            throw;
        }
        finally
        {
            await over.CancelAsync().ConfigureAwait(false);
            await flushing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        async Task RunAsync(CancellationToken stop)
        {
            Progress.Activity = "Receiving";
            await fetch.RunAsync(stop).ConfigureAwait(false);
            if (download.NeedsSecondDownload)
            {
                _repaired.AddRange(await new SecondDownload(context, fetch, download).RunAsync(stop).ConfigureAwait(false));
            }
            else
            {
                await VerifyAsync(context, fetch, download, stop).ConfigureAwait(false);
            }
        }

        async Task FlushAsync()
        {
            try
            {
                await download.FlushPeriodicallyAsync(session.Options.TimeProvider, over.Token, cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                await fetching.CancelAsync().ConfigureAwait(false);
            }
        }
    }

    /// <summary>Verifies the file. If the hash does not match, replaces blocks that differ when they are fetched again, and repeats the verification.</summary>
    private async Task VerifyAsync(DownloadContext context, ParallelFetch fetch, PartialDownload download, CancellationToken cancellationToken)
    {
        BlockRepair repair = new(context, fetch, download);
        for (int round = 1; ; round++)
        {
            Progress.Activity = "Verifying";
            if (await download.VerifyAsync(cancellationToken).ConfigureAwait(false) is not { Matches: false } wrong)
            {
                return;
            }

            IReadOnlyList<SfRepairedRange> repaired = [];
            if (round <= MaxRepairs)
            {
                log.Warning($"The data of blob {blob.Uuid:D} does not match the published {download.Hash!.Algorithm} hash. Fetching it again to find the damaged ranges.");
                repaired = await repair.RunAsync(cancellationToken).ConfigureAwait(false);
                _repaired.AddRange(repaired);
            }

            if (repaired.Count == 0)
            {
                download.RecordMismatch();
                throw Mismatch(download.Hash!, wrong.Found);
            }

            log.Warning($"The following ranges of blob {blob.Uuid:D} differed in the second download and were replaced: {SfRepairedRange.Describe(repaired)}.");
        }
    }

    private SfException Mismatch(PublishedHash hash, byte[] found)
    {
        string differed = _repaired.Count == 0
            ? "A second download returned the same data"
            : $"These ranges differed in each download: {SfRepairedRange.Describe(_repaired)}";
        return new SfException(SfErrors.HashMismatch,
            $"The {hash.Algorithm} hash of blob {blob.Uuid:D} is {PublishedHash.Write(found)}, but the cluster published {hash.Hex}. {differed}. The target was not changed.");
    }

    private SfBlobSaveResult Result(SfBlobSaveStatus status, long size, PublishedHash? published, ParallelFetch? fetch, DownloadContext? context, TimeSpan duration)
    {
        PublishedHash? hash = status == SfBlobSaveStatus.Unchanged && options.ExistingFileCheck == SfExistingFileCheck.SizeAndTime ? null : published;
        return new SfBlobSaveResult
        {
            BlobUuid = blob.Uuid,
            Path = path,
            Status = status,
            Size = size,
            BytesReceived = Progress.Received,
            BytesResumed = _resumed,
            BytesRepeated = status == SfBlobSaveStatus.Saved ? Math.Max(0, Progress.Received - (size - _resumed)) : 0,
            RangeCount = fetch?.RangeCount ?? 0,
            RequestCount = context?.RequestCount ?? 0,
            ResumeCount = context?.ResumeCount ?? 0,
            ReauthenticationCount = session.AuthenticationCount - _authentications,
            RepairedRanges = [.. _repaired],
            Verification = hash is not null ? SfVerificationOutcome.Verified
                : options.Verification == SfVerificationPolicy.Reread && status == SfBlobSaveStatus.Saved ? SfVerificationOutcome.Reread
                : options.Verification == SfVerificationPolicy.None || status == SfBlobSaveStatus.Unchanged || IsHashUnreadable(hash) ? SfVerificationOutcome.NotVerified : SfVerificationOutcome.NotPublished,
            Algorithm = hash?.Algorithm,
            Hash = hash?.Hex,
            Duration = duration,
            FailedRequestIds = [.. context?.FailedRequestIds ?? []],
        };
    }
}

/// <summary>What a command would do to save a blob.</summary>
/// <param name="IsUnchanged">Whether the file already contains the blob.</param>
/// <param name="Replaces">Whether an existing file is replaced.</param>
/// <param name="PercentComplete">How much of the data an earlier run has received, from 0 to 100.</param>
internal readonly record struct SavePreview(bool IsUnchanged, bool Replaces, double PercentComplete)
{
    /// <summary>Describes the operation on a blob, such as "Resume saving blob … (143 MiB) at 36 %".</summary>
    public string Describe(string blob)
    {
        string percent = string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(PercentComplete):0} %");
        return IsUnchanged ? $"Do nothing, because the file already contains {blob}"
            : Replaces ? $"Replace the file with {blob}{(PercentComplete > 0 ? $", resuming at {percent}" : string.Empty)}"
            : PercentComplete > 0 ? $"Resume saving {blob} at {percent}"
            : $"Save {blob}";
    }
}
