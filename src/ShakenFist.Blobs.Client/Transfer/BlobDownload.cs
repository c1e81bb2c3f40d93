using System.Globalization;

namespace ShakenFist.Blobs.Transfer;

/// <summary>
/// Saves one blob as one file: windows of bytes into a temporary file beside the target, hashed as they arrive, resumed at the byte reached after any drop,
/// and renamed only when length and hash are proven. The target is the old file or the whole new one at every moment.
/// </summary>
internal sealed class BlobDownload(SfSession session, SfBlob blob, string path, SfDownloadOptions options, ISfLog log)
{
    /// <summary>Requests in a row that bring nothing before the transfer is given up.</summary>
    public const int MaxFruitlessRequests = 5;

    private readonly List<string> _failedRequestIds = [];
    private int _resumes;

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
            return Result(SfTransferStatus.Unchanged, size, hash, requests: 0, time.GetElapsedTime(started));
        }

        using PartialFile part = PartialFile.Open(target.Path);
        TrailingHasher? hasher = hash is null ? null : new TrailingHasher(part.Handle, hash.CreateHasher());
        WindowFetch fetch = new(session, blob.Uuid, part, hasher, Progress, log);
        try
        {
            await FetchAllAsync(fetch, hasher, size, cancellationToken).ConfigureAwait(false);
            if (hasher is not null)
            {
                Progress.Activity = "Verifying";
                Verify(hash!, await hasher.CompleteAsync(size, cancellationToken).ConfigureAwait(false));
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
        return Result(SfTransferStatus.Saved, size, hash, fetch.RequestCount, time.GetElapsedTime(started));
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
        if (hash is not null && await target.HoldsAsync(size, hash, cancellationToken).ConfigureAwait(false))
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

    private async Task FetchAllAsync(WindowFetch fetch, TrailingHasher? hasher, long size, CancellationToken cancellationToken)
    {
        WindowPlan plan = new(session.Capabilities.Has("blob-data-limit"), session.Options.WindowBytes);
        long position = 0;
        long furthest = 0;
        int fruitless = 0;
        bool wasTooLong = false;
        Progress.Activity = "Receiving";
        while (position < size)
        {
            long need = plan.Next(size - position);
            bool usedLimit = plan.UsesLimit;
            long started = session.Options.TimeProvider.GetTimestamp();
            WindowResult window = await FetchOneAsync(fetch, position, need, usedLimit, size, cancellationToken).ConfigureAwait(false);

            // Data after the end of the blob, asked for from its middle, and that twice: this server ignores the offset. Only a whole body can be believed then.
            bool tooLong = window.End == WindowEnd.TooLong && !usedLimit && position > 0;
            bool offsetIgnored = tooLong && wasTooLong;
            wasTooLong = tooLong;
            position = offsetIgnored ? 0 : position + window.Accepted;
            Progress.Position = position;
            hasher?.MoveWatermark(position);
            if (window.End == WindowEnd.Complete)
            {
                plan.Completed(need, session.Options.TimeProvider.GetElapsedTime(started));
                fruitless = 0;
                continue;
            }

            log.Verbose(string.Create(CultureInfo.InvariantCulture, $"Request {window.RequestId}: {window.Reason}; {position} of {size} bytes are there."));
            if (window.End == WindowEnd.TooLong && usedLimit)
            {
                plan.LimitIgnored();
                continue;
            }

            _failedRequestIds.Add(window.RequestId);
            bool broughtEnough = position > furthest && (window.End != WindowEnd.TooSlow || window.Accepted >= BodyScreen.HeadBytes);
            furthest = Math.Max(furthest, position);
            fruitless = broughtEnough ? 0 : fruitless + 1;
            _resumes += broughtEnough ? 1 : 0;
            if (fruitless >= MaxFruitlessRequests)
            {
                throw GivenUp(window, position, size);
            }

            plan.Failed();
            await Task.Delay(fruitless == 0 ? TimeSpan.Zero : session.Options.RetryDelay * (1 << (fruitless - 1)), session.Options.TimeProvider, cancellationToken).ConfigureAwait(false);
        }
    }

    private static async Task<WindowResult> FetchOneAsync(WindowFetch fetch, long position, long need, bool useLimit, long size, CancellationToken cancellationToken)
    {
        try
        {
            return await fetch.RunAsync(position, need, useLimit, cancellationToken).ConfigureAwait(false);
        }
        catch (SfException e) when (e.Error == SfErrors.BlobDataMissing && position > 0)
        {
            // It was there a moment ago: another location may still have it.
            return new WindowResult(WindowEnd.NotData, 0, e.RequestId ?? string.Empty, e.Message);
        }
        catch (SfException e) when (position > 0)
        {
            throw new SfException(e.Error, $"{e.Message} {Arrived(position, size)}", e) { StatusCode = e.StatusCode, RequestId = e.RequestId };
        }
    }

    private SfException GivenUp(WindowResult last, long position, long size)
    {
        SfError error = last.End switch
        {
            WindowEnd.TooShort or WindowEnd.TooLong => SfErrors.DataLengthMismatch,
            WindowEnd.NotData => SfErrors.UnexpectedContent,
            _ => SfErrors.TransferInterrupted,
        };
        return new SfException(error,
            $"The data of blob {blob.Uuid:D}: {MaxFruitlessRequests} requests in a row brought nothing; the last one: {last.Reason} (request id {last.RequestId}). {Arrived(position, size)}")
        {
            RequestId = last.RequestId,
        };
    }

    private static string Arrived(long position, long size) =>
        string.Create(CultureInfo.InvariantCulture, $"{position} of {size} bytes had arrived; the temporary file was removed and the target left as it was.");

    private void Verify(PublishedHash published, byte[] found)
    {
        if (!published.Matches(found))
        {
#pragma warning disable CA1308 // Hashes are written in lower case by convention.
            throw new SfException(SfErrors.HashMismatch,
                $"The data of blob {blob.Uuid:D} has the {published.Algorithm} {Convert.ToHexString(found).ToLowerInvariant()}, where {published.Hex} is published. {Arrived(blob.Size!.Value, blob.Size.Value)}");
#pragma warning restore CA1308
        }
    }

    private SfBlobTransfer Result(SfTransferStatus status, long size, PublishedHash? hash, int requests, TimeSpan duration) => new()
    {
        BlobUuid = blob.Uuid,
        Path = path,
        Status = status,
        Size = size,
        BytesReceived = Progress.Received,
        RequestCount = requests,
        ResumeCount = _resumes,
        Verification = hash is not null ? SfVerificationOutcome.Verified
            : options.Verification == SfVerificationPolicy.None ? SfVerificationOutcome.Skipped : SfVerificationOutcome.NotPublished,
        Algorithm = hash?.Algorithm.ToString(),
        Hash = hash?.Hex,
        Duration = duration,
        FailedRequestId = _failedRequestIds,
    };
}
