using System.Globalization;
using System.Reflection;
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

    // How much may be lost when the power goes.
    private static readonly TimeSpan FlushPace = TimeSpan.FromSeconds(5);

    private static readonly string ModuleVersion =
        typeof(BlobDownload).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? string.Empty;

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
            bool hashed = options.SkipExisting == SfExistingCheck.Hash;
            return Result(SfTransferStatus.Unchanged, size, hashed ? hash : null, fetch: null, context: null, session.Options.TimeProvider.GetElapsedTime(started));
        }

        bool sparse = options.Sparse == SfSparsePolicy.Always || (options.Sparse == SfSparsePolicy.Auto && blob.FileFormat == "raw");
        if (!sparse && !File.Exists(target.Path + PartialFile.Suffix))
        {
            DiskSpace.Check(target.Path, size);
        }

        FetchContext context = new(session, blob.Uuid, size, options.Limits ?? new SfTransferLimits(time: session.Options.TimeProvider), Progress, log);
        using PartialFile part = await PartialFile.OpenAsync(target.Path, size, sparse, cancellationToken).ConfigureAwait(false);
        PartMap map = new(size, session.Options.PartBytes ?? PartMap.PartBytesFor(size));
        using TransferJournal journal = OpenJournal(target.Path, part, ref map);
        try
        {
            await CheckPartsAsync(part, map, journal, cancellationToken).ConfigureAwait(false);
            ParallelFetch fetch = new(context, part, map, journal, options.CreateXxh128);
            using (CancellationTokenSource fetched = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken))
            {
                Task flushing = FlushNowAndThenAsync(part, journal, fetched.Token);
                try
                {
                    await FetchAndVerifyAsync(context, fetch, part, map, journal, hash, cancellationToken).ConfigureAwait(false);
                }
                finally
                {
                    await fetched.CancelAsync().ConfigureAwait(false);
                    await flushing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                }
            }

            Progress.Activity = "Flushing to disk";
            await part.MoveToAsync(target.Path, size, options.Force, cancellationToken).ConfigureAwait(false);
            journal.Delete();
            return Result(SfTransferStatus.Saved, size, hash, fetch, context, session.Options.TimeProvider.GetElapsedTime(started));
        }
        catch (IOException e)
        {
            throw FileErrors.Of(e, target.Path);
        }
        finally
        {
            LeaveBehind(part, map, journal);
        }
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

    /// <summary>Goes on with what is there, or begins anew.</summary>
    private TransferJournal OpenJournal(string target, PartialFile part, ref PartMap map)
    {
        JournalHeader header = new()
        {
            ModuleVersion = ModuleVersion,
            Blob = blob.Uuid,
            Size = map.Size,
            Checksums = PublishedHash.AllOf(blob).ToDictionary(h => h.Algorithm.ServerName(), h => h.Hex),
            PartBytes = map.PartBytes,
            PartHash = PartHasher.NameOf(options.CreateXxh128),
            StartedAt = session.Options.TimeProvider.GetUtcNow().UtcDateTime,
        };
        JournalContent? found = part.IsNew ? null : TransferJournal.Read(target);
        string? obstacle = LeftBehind.ObstacleTo(found, header, target);
        if (obstacle is null && found is { Header: { } old })
        {
            map = new PartMap(old.Size, old.PartBytes);
            foreach ((int index, UInt128 hash) in found.Parts)
            {
                map.Complete(index, hash);
            }

            return TransferJournal.Continue(target, found);
        }

        if (obstacle is not null && LeftBehind.IsOfUse(found, header))
        {
            if (!options.Force)
            {
                throw new SfException(SfErrors.TransferConflict, $"'{part.Path}' cannot be used: {obstacle}. It was left as it is.");
            }

            obstacle += ", and -Force gives it up";
        }

        if (obstacle is not null)
        {
            log.Warning($"The interrupted transfer to '{target}' begins anew: {obstacle}.");
        }

        if (!part.IsNew)
        {
            part.Clear(map.Size);
        }

        return TransferJournal.Create(target, header);
    }

    /// <summary>What the journal says of parts is held against the file: after a loss of power, or when somebody has changed it, they need not agree.</summary>
    private async Task CheckPartsAsync(PartialFile part, PartMap map, TransferJournal journal, CancellationToken cancellationToken)
    {
        if (map.BytesDone == 0)
        {
            return;
        }

        Progress.Activity = "Checking what is there";
        int wrong = await PartCheck.RunAsync(part, map, options.CreateXxh128, index =>
        {
            map.Forget(index, taken: false);
            journal.Forget(index);
        }, checkedBytes => Progress.Advance(checkedBytes), cancellationToken).ConfigureAwait(false);
        _resumed = map.BytesDone;
        Progress.Position = _resumed;
        log.Verbose(string.Create(CultureInfo.InvariantCulture,
            $"Resuming '{part.Path}': {_resumed} of {map.Size} bytes are there{(wrong > 0 ? $"; {wrong} parts that were noted as there were not, and are fetched again" : string.Empty)}."));
    }

    private async Task FetchAndVerifyAsync(
        FetchContext context, ParallelFetch fetch, PartialFile part, PartMap map, TransferJournal journal, PublishedHash? hash, CancellationToken cancellationToken)
    {
        TrailingHasher? hasher = hash is null ? null : new TrailingHasher(part.Handle, CreateHasher(hash));
        try
        {
            fetch.Hasher = hasher;
            Progress.Activity = "Receiving";
            await fetch.RunAsync(cancellationToken).ConfigureAwait(false);
            if (hash is null)
            {
                return;
            }

            Progress.Activity = "Verifying";
            byte[] found = await hasher!.CompleteAsync(map.Size, cancellationToken).ConfigureAwait(false);
            PartRepair repair = new(context, fetch, part, map, journal, options.CreateXxh128);
            for (int round = 1; !hash.Matches(found); round++)
            {
                log.Warning($"The data of blob {blob.Uuid:D} has not the {hash.Algorithm} that is published. Fetching it again to see which part of it is wrong.");
                IReadOnlyList<SfRepairedRange> repaired = round > MaxRepairs ? [] : await repair.RunAsync(cancellationToken).ConfigureAwait(false);
                _repaired.AddRange(repaired);
                if (repaired.Count == 0)
                {
                    throw Mismatch(hash, found);
                }

                log.Warning($"Ranges of blob {blob.Uuid:D} that came out differently, and were replaced: {SfRepairedRange.Describe(repaired)}.");
                Progress.Activity = "Verifying";
                found = await part.HashAsync(CreateHasher(hash), map.Size, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            if (hasher is not null)
            {
                await hasher.DisposeAsync().ConfigureAwait(false);
            }
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

    private async Task FlushNowAndThenAsync(PartialFile part, TransferJournal journal, CancellationToken cancellationToken)
    {
        while (true)
        {
            await Task.Delay(FlushPace, session.Options.TimeProvider, cancellationToken).ConfigureAwait(false);
            await Task.Run(
                () =>
                {
                    part.Flush();
                    journal.Flush();
                },
                cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>After a failure, what has come stays if it is anything, and the message says so; else nothing stays.</summary>
    private void LeaveBehind(PartialFile part, PartMap map, TransferJournal journal)
    {
        if (part.IsFinished)
        {
            return;
        }

        part.Keep = map.BytesDone > 0;
        _aftermath = string.Create(CultureInfo.InvariantCulture, $" {Math.Max(Progress.Position, map.BytesDone)} of {map.Size} bytes had arrived; ") + (part.Keep
            ? string.Create(CultureInfo.InvariantCulture, $"{map.BytesDone} of them are kept in '{part.Path}', and the same command goes on from there.")
            : "the temporary file was removed and the target left as it was.");
        if (!part.Keep)
        {
            LeftBehind.TryDelete(journal);
        }
    }

    private SfBlobTransfer Result(SfTransferStatus status, long size, PublishedHash? hash, ParallelFetch? fetch, FetchContext? context, TimeSpan duration) => new()
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
        RepairedRange = _repaired,
        Verification = hash is not null ? SfVerificationOutcome.Verified
            : options.Verification == SfVerificationPolicy.None || status == SfTransferStatus.Unchanged ? SfVerificationOutcome.Skipped : SfVerificationOutcome.NotPublished,
        Algorithm = hash?.Algorithm.ToString(),
        Hash = hash?.Hex,
        Duration = duration,
        FailedRequestId = context?.FailedRequestIds ?? [],
    };
}
