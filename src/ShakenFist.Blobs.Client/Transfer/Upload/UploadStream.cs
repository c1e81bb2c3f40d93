using ShakenFist.Blobs.Http;

namespace ShakenFist.Blobs.Transfer;

/// <summary>
/// Owns one upload on the cluster and its confirmed size: the number of bytes at its beginning that are those of the file. Each append must return the expected size.
/// After any other result, the size is requested before anything else is sent, and bytes beyond the confirmed ones are truncated. No request of one upload is sent
/// while another one is in progress.
/// </summary>
internal sealed class UploadStream
{
    // How often an upload can lose confirmed bytes before the command fails.
    private const int MaxSetbacks = 5;

    private readonly SfSession _session;
    private readonly string _subject;
    private readonly RetryClock _retry;
    private readonly SfTransferLimits _limits;
    private readonly DownloadProgress _progress;
    private readonly ISfLog _log;
    private readonly List<string> _failedRequestIds = [];
    private readonly ChunkSizer _sizer;
    private long _gained;

    // The lowest size of a truncation whose result is not known. It can still be carried out, and cut off newer bytes.
    private long _pendingTruncation = long.MaxValue;
    private long _truncatedAt;
    private int _setbacks;
    private int _failures;
    private bool _isDoubtful;
    private bool _guardsAll;

    /// <param name="session">The session.</param>
    /// <param name="subject">The upload, as the beginning of a sentence.</param>
    /// <param name="limits">The rate limit.</param>
    /// <param name="retry">Decides when the upload fails.</param>
    /// <param name="progress">Receives the progress.</param>
    /// <param name="log">Receives a line for each request.</param>
    public UploadStream(SfSession session, string subject, SfTransferLimits limits, RetryClock retry, DownloadProgress progress, ISfLog log)
    {
        _session = session;
        _subject = subject;
        _limits = limits;
        _retry = retry;
        _progress = progress;
        _log = log;
        _sizer = new ChunkSizer(session.Options.RequestBytes, limits.BytesPerSecond);
    }

    /// <summary>UUID of the upload. Any client that knows it can change the upload.</summary>
    public Guid Uuid { get; private set; }

    /// <summary>Number of bytes that are known to be in the upload and to be those of the file.</summary>
    public long Confirmed { get; private set; }

    /// <summary>Whether a request of this upload was given up. Its bytes can still arrive.</summary>
    public bool WasDoubtful { get; private set; }

    /// <summary>Number of bytes sent.</summary>
    public long BytesSent { get; private set; }

    /// <summary>Number of times that the upload continued after a failure.</summary>
    public int ResumeCount { get; private set; }

    /// <summary>IDs of the requests that failed.</summary>
    public IEnumerable<string> FailedRequestIds => _failedRequestIds;

    /// <summary>Whether there is an upload.</summary>
    public bool Exists => Uuid != default;

    /// <summary>Starts a new, empty upload.</summary>
    public Task CreateAsync(CancellationToken cancellationToken) => RepeatAsync(
        async () =>
        {
            Uuid = await _session.CreateUploadAsync(_log, cancellationToken).ConfigureAwait(false);
            _isDoubtful = false;
            WasDoubtful = false;
        },
        cancellationToken);

    /// <summary>Gives up an upload that the cluster no longer has, or that has other bytes. All bytes must be sent again.</summary>
    public void Discard()
    {
        CountSetback();
        Uuid = default;
        Confirmed = 0;
        _gained = 0;
        _pendingTruncation = long.MaxValue;
        _progress.Position = 0;
    }

    /// <summary>Continues an upload of an earlier run. Nothing is sent before its size is known.</summary>
    public void Resume(Guid upload, long confirmed)
    {
        Uuid = upload;
        Confirmed = confirmed;
        _gained = confirmed;
        MarkDoubtful();
        ResumeCount++;
    }

    /// <summary>Returns the size of the next chunk, if <paramref name="left"/> bytes are left.</summary>
    public int NextChunk(long left) => _sizer.Next(left);

    /// <summary>
    /// Appends the bytes of the file that follow the confirmed ones. Repeats this until they are confirmed. If the upload became shorter, returns with a lower confirmed
    /// size instead.
    /// </summary>
    /// <exception cref="SfException"><see cref="SfErrors.UploadNotFound"/> if the cluster no longer has the upload.</exception>
    public Task AppendAsync(ReadOnlyMemory<byte> chunk, CancellationToken cancellationToken) => RepeatAsync(
        async () =>
        {
            if (!_isDoubtful || await SettleAsync(hasAppended: true, cancellationToken).ConfigureAwait(false))
            {
                await SendAsync(chunk, cancellationToken).ConfigureAwait(false);
            }
        },
        cancellationToken);

    /// <summary>
    /// Requests the size again if a request was given up, because its bytes can arrive behind newer ones. Returns whether the confirmed bytes are all that the
    /// upload contains. If it became shorter, the confirmed size is lower.
    /// </summary>
    public async Task<bool> IsSettledAsync(CancellationToken cancellationToken)
    {
        bool isSettled = true;
        if (WasDoubtful)
        {
            await RepeatAsync(async () => isSettled = await SettleAsync(hasAppended: false, cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        }

        return isSettled;
    }

    /// <summary>Marks the upload as changed by a request whose result is not known.</summary>
    public void MarkDoubtful()
    {
        _isDoubtful = true;
        WasDoubtful = true;
    }

    private void AddFailed(SfException failure)
    {
        if (failure.RequestId is { } id)
        {
            _failedRequestIds.Add(id);
        }
    }

    /// <summary>Sends one append request, and confirms the chunk only if the upload then has exactly the expected size.</summary>
    private async Task SendAsync(ReadOnlyMemory<byte> chunk, CancellationToken cancellationToken)
    {
        bool isGuarded = _guardsAll || JsonGuard.IsNeeded(chunk.Span);
        long end = Confirmed + chunk.Length;
        object gate = new();
        long pending = 0;
        bool hasEnded = false;
        long started = _session.Options.TimeProvider.GetTimestamp();

        // Until the response confirms the chunk, the state of the upload is not known. An exception of any kind leaves it so.
        _isDoubtful = true;
        try
        {
            long size = await _session.AppendToUploadAsync(Uuid, () => new ChunkContent(chunk, isGuarded, _limits.MaxReadSize, WrittenAsync), _log, cancellationToken).ConfigureAwait(false);
            ThrowIfOther(size, isGuarded ? end + 1 : end);
            if (isGuarded)
            {
                await TruncateAsync(end, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (SfException e) when (e.Error == SfErrors.RequestRefused && !_guardsAll)
        {
            // The server interpreted the chunk as arguments after all.
            _guardsAll = true;
            throw new SfException(SfErrors.InvalidResponse, e.Message, e) { StatusCode = e.StatusCode, RequestId = e.RequestId };
        }
        finally
        {
            lock (gate)
            {
                hasEnded = true;
                _retry.AddPending(-pending);
                _progress.Position = Confirmed;
            }
        }

        _isDoubtful = false;
        _failures = 0;
        Confirmed = end;
        _progress.Position = end;
        _sizer.Sent(chunk.Length, _session.Options.TimeProvider.GetElapsedTime(started));
        if (end > _gained)
        {
            _retry.AddGain(end - _gained);
            _gained = end;
        }

        async ValueTask WrittenAsync(int bytes, CancellationToken token)
        {
            lock (gate)
            {
                // The server can respond before the whole body is sent.
                ObjectDisposedException.ThrowIf(hasEnded, typeof(ChunkContent));
                BytesSent += bytes;
                pending += bytes;
                _retry.AddPending(bytes);
                _progress.Advance(bytes);
            }

            TimeSpan delay = _limits.Received(bytes);
            if (delay > TimeSpan.Zero)
            {
                _retry.Pause();
                try
                {
                    await Task.Delay(delay, _session.Options.TimeProvider, token).ConfigureAwait(false);
                }
                finally
                {
                    _retry.Continue();
                }
            }
        }
    }

    /// <summary>
    /// Compares the size of the upload with the confirmed one, and truncates what is beyond. If the upload is shorter, or a truncation was carried out late, fewer bytes
    /// are confirmed. Then returns false.
    /// </summary>
    private async Task<bool> SettleAsync(bool hasAppended, CancellationToken cancellationToken)
    {
        long size = await _session.GetUploadSizeAsync(Uuid, _log, cancellationToken).ConfigureAwait(false);

        // After a late truncation, an append can restore the size with bytes that belong behind those that were cut off.
        bool canBeCut = (hasAppended || size != Confirmed) && _session.Options.TimeProvider.GetElapsedTime(_truncatedAt) < _session.Options.ServerTimeLimit;
        long right = Math.Min(size, canBeCut ? Math.Min(Confirmed, _pendingTruncation) : Confirmed);
        bool isShorter = right < Confirmed;
        if (size > right)
        {
            _log.Verbose(FormattableString.Invariant($"The upload has {size} bytes, of which {right} are confirmed. Truncating it."));
            await TruncateAsync(right, cancellationToken).ConfigureAwait(false);
        }

        if (isShorter)
        {
            _log.Verbose(FormattableString.Invariant($"The upload has lost data. Continuing after {right} of {Confirmed} bytes."));
            Confirmed = right;
            _gained = right;
            _progress.Position = right;
            CountSetback();
        }

        _isDoubtful = false;
        return !isShorter;
    }

    /// <summary>Truncates the upload, and checks that it then has this size.</summary>
    private async Task TruncateAsync(long size, CancellationToken cancellationToken)
    {
        long before = _pendingTruncation;
        _pendingTruncation = Math.Min(before, size);
        _truncatedAt = _session.Options.TimeProvider.GetTimestamp();
        await _session.TruncateUploadAsync(Uuid, size, _log, cancellationToken).ConfigureAwait(false);
        _pendingTruncation = before;
        ThrowIfOther(await _session.GetUploadSizeAsync(Uuid, _log, cancellationToken).ConfigureAwait(false), size);
    }

    private static void ThrowIfOther(long size, long expected)
    {
        if (size != expected)
        {
            throw new SfException(SfErrors.InvalidResponse, FormattableString.Invariant($"The cluster reported that the upload has {size} bytes instead of {expected}."));
        }
    }

    /// <summary>Repeats an operation after temporary failures, until the retry clock ends it. Each repetition begins with a request of the size.</summary>
    private async Task RepeatAsync(Func<Task> operation, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await operation().ConfigureAwait(false);
                return;
            }
            catch (SfException e) when (SfErrors.IsTransient(e.Error))
            {
                AddFailed(e);
                _retry.RecordFailure(e);
                MarkDoubtful();
                _sizer.Failed();
                ResumeCount++;
                _failures++;
                if (!_retry.Retries)
                {
                    throw _retry.ToException(_subject, "sent");
                }

                TimeSpan pause = _retry.Limit(e.RetryAfter ?? Backoff.Pause(_session.Options.RetryDelay, _failures));
                _log.Verbose($"{e.Message} Requesting the size of the upload before anything is sent again.");
                await Task.Delay(pause, _session.Options.TimeProvider, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private void CountSetback()
    {
        if (++_setbacks > MaxSetbacks)
        {
            throw new SfException(SfErrors.TransferInterrupted, FormattableString.Invariant($"The cluster lost data of the upload {_setbacks} times."));
        }
    }
}
