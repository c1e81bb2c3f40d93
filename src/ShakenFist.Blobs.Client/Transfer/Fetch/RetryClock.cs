namespace ShakenFist.Blobs.Transfer;

/// <summary>
/// Decides when a transfer fails: if it did not receive at least 1 MiB, or the remaining data if that is less, within the retry timeout. Time that the transfer waits
/// because of its rate or connection limit does not count. Bytes of a response in progress keep the transfer alive, but count as received only after they are
/// validated. All workers of a transfer share one instance.
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

    /// <param name="timeout">The retry timeout. Zero: the transfer fails after the first failed request that received less than 64 KiB.</param>
    /// <param name="time">The clock.</param>
    /// <param name="initialTimeout">The timeout before the first data arrives. Null for <paramref name="timeout"/>.</param>
    public RetryClock(TimeSpan timeout, TimeProvider time, TimeSpan? initialTimeout = null)
    {
        _fullTimeout = timeout;
        _timeout = initialTimeout < timeout ? initialTimeout.Value : timeout;
        _time = time;
        _timer = timeout > TimeSpan.Zero ? time.CreateTimer(_ => Check(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan) : null;
    }

    /// <summary>Canceled when the timeout is reached.</summary>
    public CancellationToken Token => _over.Token;

    /// <summary>Whether a failed request is retried.</summary>
    public bool Retries => _fullTimeout > TimeSpan.Zero;

    /// <summary>Sets the function that returns the number of bytes that are still missing.</summary>
    public void SetLeft(Func<long> left) => _left = left;

    /// <summary>A worker starts to send requests, or to wait before a retry.</summary>
    public void Start() => Change(working: 1, waiting: 0);

    /// <summary>A worker stops, or waits for a connection.</summary>
    public void Stop() => Change(working: -1, waiting: 0);

    /// <summary>A worker waits because of the rate limit.</summary>
    public void Pause() => Change(working: 0, waiting: 1);

    /// <summary>A worker stops waiting for the rate limit.</summary>
    public void Continue() => Change(working: 0, waiting: -1);

    /// <summary>Adds bytes of a response in progress, or subtracts them when it ends.</summary>
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

    /// <summary>Adds bytes that have been validated and were not there before.</summary>
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

    /// <summary>Limits a pause, so that several attempts fit into the timeout and a cluster that is available again is noticed.</summary>
    public TimeSpan Limit(TimeSpan pause) => pause < _fullTimeout / PausesWithinTimeout ? pause : _fullTimeout / PausesWithinTimeout;

    /// <summary>Records a failed request.</summary>
    public void RecordFailure(SfException failure)
    {
        lock (_lock)
        {
            _lastFailure = failure;
        }
    }

    /// <summary>Creates the exception for a transfer that failed. Its inner exception is the last failure of a request.</summary>
    public SfException ToException(Guid blob) => ToException($"The transfer of blob {blob:D}", "received");

    /// <summary>Creates the exception for a transfer that failed. Its inner exception is the last failure of a request.</summary>
    /// <param name="transfer">The transfer, as the beginning of a sentence.</param>
    /// <param name="verb">What it did with the data.</param>
    public SfException ToException(string transfer, string verb)
    {
        lock (_lock)
        {
            SfException cause = _lastFailure ?? new SfException(SfErrors.ResponseStalled, "The server sent no data.");
            string what = Retries
                ? FormattableString.Invariant($"{transfer} {verb} less than 1 MiB of data within {_timeout.TotalSeconds:0} s.")
                : $"{transfer} was interrupted.";
            return new SfException(SfErrors.TransferInterrupted, ErrorText.Sentences(what, $"Last failure: {cause.Message}"), cause) { RequestId = cause.RequestId, StatusCode = cause.StatusCode };
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
                // Bytes of a response in progress keep the transfer alive for now.
                Schedule(TimeSpan.FromSeconds(1));
            }
        }

        if (over)
        {
            _over.Cancel();
        }
    }
}
