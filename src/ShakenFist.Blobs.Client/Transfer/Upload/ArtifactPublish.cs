using System.Security.Cryptography;
using ShakenFist.Blobs.Http;
using ShakenFist.Blobs.Session;

namespace ShakenFist.Blobs.Transfer;

/// <summary>
/// Publishes one file: finds a blob with the same content or uploads the file, and makes the blob the newest version of an artifact. The server makes a version current,
/// and deletes the oldest one, inside the publish request. Therefore, an upload is first published under a staging name. Its blob becomes current only after its record
/// has the size and the hash of the file.
/// </summary>
internal sealed class ArtifactPublish(SfSession session, string path, SfArtifactPublishOptions options, ISfLog log)
{
    private readonly string _name = ServerText.Clean(options.Name, 100);
    private readonly TimeProvider _time = session.Options.TimeProvider;
    private readonly DownloadProgress _progress = options.Progress ?? new();
    private readonly List<string> _failedRequestIds = [];
    private UploadStream? _stream;
    private SfArtifact? _staging;
    private long _resumedAt;
    private long? _firstFailure;
    private string _failureDetail = string.Empty;

    /// <summary>Publishes the file.</summary>
    /// <param name="confirm">Decides whether to publish. Null to publish.</param>
    /// <param name="cancellationToken">Cancels the operation. An upload can be resumed.</param>
    /// <returns>Null if <paramref name="confirm"/> decided against it.</returns>
    /// <exception cref="SfException">The file was not published.</exception>
    public async Task<SfArtifactPublishResult?> RunAsync(Func<SfArtifactPublishPlan, Task<bool>>? confirm, CancellationToken cancellationToken)
    {
        using RetryClock retry = new(options.RetryTimeout, _time);
        using CancellationTokenSource any = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, options.TimeLimit, retry.Token);
        try
        {
            options.TimeLimit.ThrowIfCancellationRequested();
            return await RunAsync(confirm, retry, any.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (options.TimeLimit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new SfException(SfErrors.TimeLimitReached, $"The time limit was reached before '{path}' was published as '{_name}'.{_failureDetail}");
        }
        catch (OperationCanceledException) when (retry.Token.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw WithDetail(retry.ToException(Subject, "sent"));
        }
        catch (SfException e) when (_failureDetail.Length > 0)
        {
            throw WithDetail(e);
        }
    }

    private string Subject => $"The upload of '{path}'";

    private SfException WithDetail(SfException e) =>
        new(e.Error, e.Message + _failureDetail, e.InnerException) { StatusCode = e.StatusCode, RequestId = e.RequestId };

    private async Task<SfArtifactPublishResult?> RunAsync(Func<SfArtifactPublishPlan, Task<bool>>? confirm, RetryClock retry, CancellationToken cancellationToken)
    {
        long started = _time.GetTimestamp();
        PublishTarget.CheckName(options.Name);
        if (options.Shared && session.Namespace != "system")
        {
            throw new SfException(SfErrors.AccessForbidden, $"Cannot publish '{_name}' as a shared artifact: only the system namespace can do that.");
        }

        using SourceFile file = SourceFile.Open(path);
        _progress.Total = file.Size;
        PublishTarget target = (await FindTargetAsync(cancellationToken).ConfigureAwait(false)).EnsureUnambiguous();
        if (confirm is not null && !await confirm(target.Plan(file.Size)).ConfigureAwait(false))
        {
            return null;
        }

        string? hash = options.NoDeduplication ? null : await HashAsync(file, cancellationToken).ConfigureAwait(false);
        SfArtifactPublishResult result = (hash is null ? null : await UseExistingAsync(file, target, hash, cancellationToken).ConfigureAwait(false))
            ?? await UploadAsync(file, target, hash, retry, cancellationToken).ConfigureAwait(false);
        if (result.DeletedVersion is { } deleted && deleted.Index != target.NextDeletedVersion?.Index)
        {
            log.Warning($"The cluster deleted version {deleted.Index} of '{_name}', because another version was published at the same time.");
        }

        await WriteMetadataAsync(result, cancellationToken).ConfigureAwait(false);
        long sent = _stream?.BytesSent ?? 0;
        return result with
        {
            Path = path,
            Size = file.Size,
            BytesSent = sent,
            BytesRepeated = Math.Max(0, sent - (file.Size - _resumedAt)),
            ResumeCount = _stream?.ResumeCount ?? 0,
            Duration = _time.GetElapsedTime(started),
            FailedRequestIds = [.. _stream?.FailedRequestIds ?? [], .. _failedRequestIds],
        };
    }

    private async Task<string> HashAsync(SourceFile file, CancellationToken cancellationToken)
    {
        _progress.Activity = "Hashing";
        string hash = await file.HashAsync(hashed => _progress.Position = hashed, cancellationToken).ConfigureAwait(false);
        _progress.Position = 0;
        return hash;
    }

    /// <summary>Publishes a blob that already has the content of the file. Null if the cluster has none, or if that blob has vanished.</summary>
    private async Task<SfArtifactPublishResult?> UseExistingAsync(SourceFile file, PublishTarget target, string hash, CancellationToken cancellationToken)
    {
        _progress.Activity = "Searching the cluster";
        if (await FindByHashAsync(file, hash, cancellationToken).ConfigureAwait(false) is not { } verified
            || await MakeCurrentAsync(target, verified, file, hash, SfArtifactPublishStatus.Deduplicated, cancellationToken).ConfigureAwait(false) is not { } result)
        {
            return null;
        }

        // A process that was killed after it had sent the file left a staging artifact and a journal.
        await RemoveStagingAsync(target.StagingOf(hash), cancellationToken).ConfigureAwait(false);
        UploadJournal.DeleteUnused(options.StateDirectory ?? UploadJournal.DefaultDirectory, HeaderOf(file, hash));
        return result;
    }

    private async Task<SfArtifactPublishResult> UploadAsync(SourceFile file, PublishTarget target, string? hash, RetryClock retry, CancellationToken cancellationToken)
    {
        UploadHeader header = HeaderOf(file, hash);
        using UploadJournal journal = UploadJournal.Open(options.StateDirectory ?? UploadJournal.DefaultDirectory, header);
        using IncrementalHash? hasher = hash is null ? IncrementalHash.CreateHash(HashAlgorithmName.SHA512) : null;
        UploadStream stream = _stream = new(session, Subject, options.Limits ?? new SfTransferLimits(time: _time), retry, _progress, log);
        FileSender sender = new(file, stream, journal, retry, hasher);
        if (journal.Found is { } found)
        {
            log.Verbose($"Resuming the upload of '{path}' after {ErrorText.Bytes(journal.FoundSize)}.");
            _resumedAt = journal.FoundSize;
            stream.Resume(found.Upload, journal.FoundSize);

            // The artifact can be another one than in the earlier run.
            journal.Begin(header with { Upload = found.Upload, StartedAt = found.StartedAt });
            journal.Record(journal.FoundSize, now: true);
        }

        try
        {
            VerifiedBlob? verified = null;
            while (verified is null)
            {
                _progress.Activity = "Sending";
                await sender.SendAsync(header, cancellationToken).ConfigureAwait(false);
                hash ??= PublishedHash.Write(hasher!.GetHashAndReset());
                _progress.Activity = "Publishing";
                if (await StageAsync(file, stream, hash, retry, cancellationToken).ConfigureAwait(false) is not { } blob)
                {
                    continue;
                }

                verified = await VerifiedBlob.VerifyAsync(session, blob, file.Size, hash, options.RetryTimeout, _progress, log, cancellationToken).ConfigureAwait(false);
                if (verified is null)
                {
                    await RemoveStagingAsync(_staging, cancellationToken).ConfigureAwait(false);
                    _staging = null;
                    if (!stream.WasDoubtful)
                    {
                        journal.Delete();
                        throw new SfException(SfErrors.HashMismatch, $"The cluster did not store '{path}' as it was sent: blob {blob.Uuid:D} has another size or SHA512 hash. Artifact '{_name}' was not changed.");
                    }

                    log.Verbose($"Blob {blob.Uuid:D} differs from the file, because a request that was given up arrived late. Sending the file again.");
                    stream.Discard();
                }
            }

            SfArtifactPublishResult result = await MakeCurrentAsync(target, verified, file, hash!, SfArtifactPublishStatus.Published, cancellationToken).ConfigureAwait(false)
                ?? throw new SfException(SfErrors.BlobNotFound, $"Blob {verified.Uuid:D}, which the cluster created from '{path}', no longer exists. Artifact '{_name}' was not changed.");

            // A publish request without a response can have created the artifact after its blob was found.
            PublishTarget staged = _staging is null ? await FindTargetAsync(cancellationToken).ConfigureAwait(false) : target;
            await RemoveStagingAsync(_staging ?? staged.StagingOf(hash!), cancellationToken).ConfigureAwait(false);
            journal.Delete();
            return result;
        }
        catch (Exception e) when (e is OperationCanceledException or SfException { Error.Id: not nameof(SfErrors.HashMismatch) })
        {
            _failureDetail = _staging is null
                ? $" {ErrorText.Bytes(stream.Confirmed)} of {ErrorText.Bytes(file.Size)} were sent."
                : $" The data is in the cluster as artifact '{PublishTarget.StagingName(hash!)}', and the same command publishes it without sending it again.";
            throw;
        }
    }

    /// <summary>
    /// Makes a blob the newest version of the artifact. This is the only place where a version becomes current, and it accepts only a blob that was verified to have the
    /// content of the file. A request whose result is not known is not repeated before the artifact was read. Returns null if the blob has vanished: then nothing changed.
    /// </summary>
    private async Task<SfArtifactPublishResult?> MakeCurrentAsync(
        PublishTarget before, VerifiedBlob verified, SourceFile file, string hash, SfArtifactPublishStatus status, CancellationToken cancellationToken)
    {
        file.ThrowIfChanged();
        if (before.Artifact is { } artifact && artifact.BlobUuid == verified.Uuid)
        {
            return before.Result(artifact, verified.Uuid, hash, SfArtifactPublishStatus.Unchanged);
        }

        SfArtifact? now = null;
        while (now is null)
        {
            try
            {
                now = await session.PublishAsync(before.RequestFor(verified.Uuid), log, cancellationToken).ConfigureAwait(false);
            }
            catch (SfException e) when (IsDoubtful(e) || e.Error == SfErrors.PublishTargetNotFound)
            {
                AddFailed(e);
                now = (await FindTargetAsync(cancellationToken).ConfigureAwait(false)).WithVersion(verified.Uuid, before.NewestIndex);
                if (now is null)
                {
                    if (await FindBlobAsync(verified.Uuid, cancellationToken).ConfigureAwait(false) is not { State: null or "created" })
                    {
                        return null;
                    }

                    await PauseAsync(e, cancellationToken).ConfigureAwait(false);
                }
            }
        }

        if (now.Versions.LastOrDefault(version => version.BlobUuid == verified.Uuid && version.Index > before.NewestIndex) is null)
        {
            // The newest version already had this content, so the server kept its blob.
            await CheckRecordAsync(now.BlobUuid ?? verified.Uuid, verified, cancellationToken).ConfigureAwait(false);
            return before.Result(now, now.BlobUuid ?? verified.Uuid, hash, SfArtifactPublishStatus.Unchanged);
        }

        if (before.Artifact is null)
        {
            PublishTarget after = await FindTargetAsync(cancellationToken).ConfigureAwait(false);
            if (after.Count > 1)
            {
                log.Warning($"{after.Count} artifacts have the name '{_name}', because it was published for the first time by two clients at the same time: {after.Describe()}. Remove all but one.");
            }

            now = after.WithVersion(verified.Uuid, 0) ?? throw NotConfirmed(verified.Uuid);
        }
        else
        {
            await CheckRecordAsync(verified.Uuid, verified, cancellationToken).ConfigureAwait(false);
        }

        return before.Result(now, verified.Uuid, hash, status);
    }

    /// <summary>Checks the record of the blob of a current version.</summary>
    private async Task CheckRecordAsync(Guid uuid, VerifiedBlob verified, CancellationToken cancellationToken)
    {
        if (await FindBlobAsync(uuid, cancellationToken).ConfigureAwait(false) is not { } record || !verified.IsShownBy(record))
        {
            throw NotConfirmed(uuid);
        }
    }

    private SfException NotConfirmed(Guid uuid) =>
        new(SfErrors.HashMismatch, $"The cluster does not confirm that the newest version of '{_name}', blob {uuid:D}, has the content of '{path}'.");

    /// <summary>
    /// Publishes the upload under the staging name and returns the record of its blob. If the response is lost, the staging artifact, a search by hash, and the size of
    /// the upload show what happened. Null if the request had no effect or the bytes are lost: then what is missing is sent, and the upload is published again.
    /// </summary>
    private async Task<SfBlob?> StageAsync(SourceFile file, UploadStream stream, string hash, RetryClock retry, CancellationToken cancellationToken)
    {
        long started = _time.GetTimestamp();
        try
        {
            _staging = await session.PublishAsync(PublishTarget.StagingRequest(hash, stream.Uuid), log, cancellationToken).ConfigureAwait(false);
            Guid uuid = _staging.BlobUuid ?? throw new SfException(SfErrors.InvalidResponse, $"The cluster returned artifact '{PublishTarget.StagingName(hash)}' without a version.");
            return await RetryAsync($"get blob {uuid:D}", () => session.GetBlobAsync(uuid, log, cancellationToken), cancellationToken).ConfigureAwait(false);
        }
        catch (SfException e) when (IsDoubtful(e) || e.Error == SfErrors.UploadNotFound)
        {
            AddFailed(e);
            TimeSpan took = _time.GetElapsedTime(started);
            log.Verbose($"{e.Message} Finding out whether the upload was published.");
            if (await FindStagedAsync(file, stream, hash, started, retry, cancellationToken).ConfigureAwait(false) is { } blob)
            {
                return blob;
            }

            if (took >= session.Options.ServerTimeLimit * 0.8 && stream.Confirmed < file.Size)
            {
                throw new SfException(SfErrors.PublishTimeout,
                    $"The cluster did not finish publishing '{path}' within 30 s. Artifact '{_name}' was not changed. The data that was sent is lost. A blob without a hash, and the artifact '{PublishTarget.StagingName(hash)}' without a version, can remain in the cluster.", e)
                {
                    StatusCode = e.StatusCode,
                    RequestId = e.RequestId,
                };
            }

            await PauseAsync(e, cancellationToken).ConfigureAwait(false);
            return null;
        }
    }

    /// <summary>Finds the blob of a publish request whose response is not known. If there is none, the stream then has the size of the upload.</summary>
    private async Task<SfBlob?> FindStagedAsync(SourceFile file, UploadStream stream, string hash, long started, RetryClock retry, CancellationToken cancellationToken)
    {
        for (int attempt = 1; ; attempt++)
        {
            _staging = (await FindTargetAsync(cancellationToken).ConfigureAwait(false)).StagingOf(hash);
            Guid? uuid = _staging?.BlobUuid ?? (await FindByHashAsync(file, hash, cancellationToken).ConfigureAwait(false))?.Uuid;
            if (uuid is { } found && await FindBlobAsync(found, cancellationToken).ConfigureAwait(false) is { State: null or "created" } blob)
            {
                return blob;
            }

            // The server takes the bytes first, and then hashes them. Until its time limit, a shorter or missing upload can still become a version.
            if (await IsWholeAsync(file, stream, retry, cancellationToken).ConfigureAwait(false) || _time.GetElapsedTime(started) >= session.Options.ServerTimeLimit)
            {
                return null;
            }

            await Task.Delay(Backoff.Pause(session.Options.RetryDelay, attempt), _time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Whether the upload still has all bytes.</summary>
    private static async Task<bool> IsWholeAsync(SourceFile file, UploadStream stream, RetryClock retry, CancellationToken cancellationToken)
    {
        retry.Start();
        try
        {
            stream.MarkDoubtful();
            return await stream.IsSettledAsync(cancellationToken).ConfigureAwait(false) && stream.Confirmed == file.Size;
        }
        catch (SfException e) when (e.Error == SfErrors.UploadNotFound)
        {
            return false;
        }
        finally
        {
            retry.Stop();
        }
    }

    /// <summary>Searches for a usable blob with the content of the file. A blob without a location is not usable.</summary>
    private async Task<VerifiedBlob?> FindByHashAsync(SourceFile file, string hash, CancellationToken cancellationToken)
    {
        SfBlob? found = await RetryAsync("search for the hash of the file", () => session.FindBlobByHashAsync(SfHashAlgorithm.SHA512, hash, log, cancellationToken), cancellationToken).ConfigureAwait(false);
        return found is { State: "created", Locations: null or { Length: > 0 } } ? VerifiedBlob.ByRecord(found, file.Size, hash) : null;
    }

    private async Task<SfBlob?> FindBlobAsync(Guid uuid, CancellationToken cancellationToken)
    {
        try
        {
            return await RetryAsync($"get blob {uuid:D}", () => session.GetBlobAsync(uuid, log, cancellationToken), cancellationToken).ConfigureAwait(false);
        }
        catch (SfException e) when (e.Error == SfErrors.BlobNotFound)
        {
            return null;
        }
    }

    private Task<PublishTarget> FindTargetAsync(CancellationToken cancellationToken) =>
        RetryAsync($"find artifact '{_name}'", () => PublishTarget.ReadAsync(session, options, log, cancellationToken), cancellationToken);

    /// <summary>Deletes a staging artifact by its UUID. A repetition has no other effect. A failure is only a warning, because the version is current.</summary>
    private async Task RemoveStagingAsync(SfArtifact? staging, CancellationToken cancellationToken)
    {
        if (staging is null)
        {
            return;
        }

        try
        {
            await session.RemoveArtifactAsync(staging.Uuid, log, cancellationToken).ConfigureAwait(false);
        }
        catch (SfException e) when (e.Error == SfErrors.ArtifactNotFound)
        {
            log.Verbose($"Artifact {staging.Uuid:D} no longer exists.");
        }
        catch (SfException e)
        {
            log.Warning($"Artifact {staging.Uuid:D}, which was used to verify the upload, was not removed. {e.Message}");
        }
    }

    /// <summary>Writes metadata to the blob, but not to one that other objects use, unless this is forced.</summary>
    private async Task WriteMetadataAsync(SfArtifactPublishResult result, CancellationToken cancellationToken)
    {
        if (options.Metadata.Count == 0)
        {
            return;
        }

        SfBlob? blob = options.Force ? null : await FindBlobAsync(result.BlobUuid, cancellationToken).ConfigureAwait(false);
        if (!options.Force && blob?.ReferenceCount is not (0 or 1))
        {
            log.Warning($"The metadata was not written, because other objects also use blob {result.BlobUuid:D}. To write it anyway, specify -Force.");
            return;
        }

        foreach ((string key, object? value) in options.Metadata)
        {
            await session.SetBlobMetadataAsync(result.BlobUuid, key, value, create: true, log, cancellationToken).ConfigureAwait(false);
        }
    }

    private UploadHeader HeaderOf(SourceFile file, string? hash) => new()
    {
        Cluster = session.ApiUrl.AbsoluteUri,
        Namespace = session.Namespace,
        Path = path,
        Size = file.Size,
        Content = hash is null ? FormattableString.Invariant($"file:{file.Identity}:{file.Size}:{file.Modified.Ticks}") : $"sha512:{hash}",
        StartedAt = _time.GetUtcNow().UtcDateTime,
        Options = options,
    };

    private Task<T> RetryAsync<T>(string subject, Func<Task<T>> work, CancellationToken cancellationToken) => session.RetryAsync(subject, options.RetryTimeout, work, log, cancellationToken);

    /// <summary>Whether the cluster may have carried out a request that failed.</summary>
    private static bool IsDoubtful(SfException e) => e.OutcomeUnknown || SfErrors.IsTransient(e.Error);

    private void AddFailed(SfException e)
    {
        if (e.RequestId is { } id)
        {
            _failedRequestIds.Add(id);
        }
    }

    /// <summary>Waits before a publish request is repeated.</summary>
    /// <exception cref="SfException">The failure is not temporary, or the retry timeout is reached.</exception>
    private async Task PauseAsync(SfException e, CancellationToken cancellationToken)
    {
        _firstFailure ??= _time.GetTimestamp();
        if (e.Error == SfErrors.PublishTargetNotFound || _time.GetElapsedTime(_firstFailure.Value) >= options.RetryTimeout)
        {
            throw e;
        }

        TimeSpan pause = e.RetryAfter ?? Backoff.Pause(session.Options.RetryDelay, _failedRequestIds.Count);
        log.Verbose($"{e.Message} The version was not published. Publishing it again.");
        await Task.Delay(pause, _time, cancellationToken).ConfigureAwait(false);
    }
}
