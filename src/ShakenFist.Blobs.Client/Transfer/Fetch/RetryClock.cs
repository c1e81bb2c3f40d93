namespace ShakenFist.Blobs.Transfer;

/// <summary>
/// The one rule by which a transfer is given up: it has not gained at least 1 MiB, or what is left if that is less, for the whole retry timeout. Time that the transfer
/// spends waiting for its own rate or connection limit does not count. Bytes of a response that has not ended yet keep the transfer alive, but count only when they turn
/// out to be valid. Shared by the workers of a transfer.
/// </summary>
internal sealed class RetryClock : IDisposable
{
    private const long MinGain = 1024 * 1024;

    private const int PausesWithinTimeout = 10;

    private readonly object _lock = new();
    private readonly TimeProvider _time;
    private readonly TimeSpan _fullTimeout;
    private TimeSpan _timeout;
    private readonly CancellationTokenSource _over = new();
    private readonly ITimer? _timer;
    private Func<long> _left = () => MinGain;
    private TimeSpan _elapsed;
    private long _started;
    private long _gained;
    private long _pending;
    private int _working;
    private int _waiting;
    private SfException? _lastFailure;

    /// <param name="timeout">The retry timeout. Zero: the first failed request that gained less than 64 KiB ends the transfer.</param>
    /// <param name="time">The clock.</param>
    /// <param name="initialTimeout">The timeout until the first data arrives. Null for the same.</param>
    public RetryClock(TimeSpan timeout, TimeProvider time, TimeSpan? initialTimeout = null)
    {
        _fullTimeout = timeout;
        _timeout = initialTimeout < timeout ? initialTimeout.Value : timeout;
        _time = time;
        _timer = timeout > TimeSpan.Zero ? time.CreateTimer(_ => Check(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan) : null;
    }

    /// <summary>Cancelled when the time is over.</summary>
    public CancellationToken Token => _over.Token;

    /// <summary>Whether a failure is followed by another attempt.</summary>
    public bool Retries => _fullTimeout > TimeSpan.Zero;

    /// <summary>Tells how many bytes are left to be gained.</summary>
    public void SetLeft(Func<long> left) => _left = left;

    /// <summary>A worker starts to send requests, or to wait until it may send one again.</summary>
    public void Start() => Change(working: 1, waiting: 0);

    /// <summary>A worker stops, or waits for a connection.</summary>
    public void Stop() => Change(working: -1, waiting: 0);

    /// <summary>A worker waits because the rate is limited.</summary>
    public void Pause() => Change(working: 0, waiting: 1);

    /// <summary>The wait is over.</summary>
    public void Continue() => Change(working: 0, waiting: -1);

    /// <summary>Bytes of a response have arrived (positive), or it has ended and they no longer count by themselves (negative).</summary>
    public void AddPending(long bytes)
    {
        Interlocked.Add(ref _pending, bytes);
        if (bytes > 0 && _timeout != _fullTimeout)
        {
            lock (_lock)
            {
                _timeout = _fullTimeout;
                Schedule();
            }
        }
    }

    /// <summary>Bytes are valid that were not there before.</summary>
    public void AddGain(long bytes)
    {
        lock (_lock)
        {
            _gained += bytes;
            if (_gained >= Needed())
            {
                _gained = 0;
                _elapsed = TimeSpan.Zero;
                _started = _time.GetTimestamp();
                _lastFailure = null;
            }

            Schedule();
        }
    }

    /// <summary>Limits a pause, so that several attempts fit into the time and a cluster that is back is noticed.</summary>
    public TimeSpan Limit(TimeSpan pause) => pause < _fullTimeout / PausesWithinTimeout ? pause : _fullTimeout / PausesWithinTimeout;

    /// <summary>A request has failed.</summary>
    public void RecordFailure(SfException failure)
    {
        lock (_lock)
        {
            _lastFailure = failure;
        }
    }

    /// <summary>The error of a transfer that is given up. Its inner exception is the last failure of a request.</summary>
    public SfException ToException(Guid blob)
    {
        lock (_lock)
        {
            SfException cause = _lastFailure ?? new SfException(SfErrors.ResponseStalled, "The server sent no data.");
            string what = Retries
                ? FormattableString.Invariant($"The transfer of blob {blob:D} received less than 1 MiB of data within {_timeout.TotalSeconds:0} s.")
                : $"The transfer of blob {blob:D} was interrupted.";
            return new SfException(SfErrors.TransferInterrupted, $"{what} Last failure: {cause.Message}", cause) { RequestId = cause.RequestId, StatusCode = cause.StatusCode };
        }
    }

    public void Dispose()
    {
        _timer?.Dispose();
        _over.Dispose();
    }

    private bool IsRunning => _working > 0 && _waiting == 0;

    private long Needed() => Math.Clamp(_left(), 1, MinGain);

    private TimeSpan Elapsed() => IsRunning ? _elapsed + _time.GetElapsedTime(_started) : _elapsed;

    private void Change(int working, int waiting)
    {
        lock (_lock)
        {
            _elapsed = Elapsed();
            _started = _time.GetTimestamp();
            _working += working;
            _waiting += waiting;
            Schedule();
        }
    }

    private void Schedule(TimeSpan min = default)
    {
        TimeSpan due = _timeout - Elapsed() + TimeSpan.FromMilliseconds(1);
        _timer?.Change(!IsRunning ? Timeout.InfiniteTimeSpan : due > min ? due : min, Timeout.InfiniteTimeSpan);
    }

    private void Check()
    {
        bool over;
        lock (_lock)
        {
            over = IsRunning && Elapsed() >= _timeout && _gained + Interlocked.Read(ref _pending) < Needed();
            if (!over)
            {
                // Bytes of a response that has not ended keep the transfer alive for now.
                Schedule(TimeSpan.FromSeconds(1));
            }
        }

        if (over)
        {
            _over.Cancel();
        }
    }
}
