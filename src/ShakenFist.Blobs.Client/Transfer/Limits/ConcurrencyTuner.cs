namespace ShakenFist.Blobs.Transfer;

/// <summary>
/// Decides how many connections are allowed. It starts with the default number and adds connections while the throughput increases. If the cluster is overloaded, it
/// halves the number, and then increases it again one by one.
/// </summary>
internal sealed class ConcurrencyTuner
{
    // If an added connection does not increase the throughput by this factor, no more are added.
    private const double MinGain = 1.02;

    private static readonly TimeSpan GrowthInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan RecoveryInterval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan ThrottleInterval = TimeSpan.FromSeconds(1);

    private readonly object _gate = new();
    private readonly TimeProvider _time;
    private readonly int _maxConnections;
    private readonly int _defaultConnections;
    private int _allowed;
    private long _received;
    private long _lastChange;
    private long _receivedAtLastChange;
    private double _bestRate;
    private long? _lastThrottled;

    /// <param name="maxConnections">The maximum number of connections.</param>
    /// <param name="time">The clock.</param>
    public ConcurrencyTuner(int maxConnections, TimeProvider time)
    {
        _time = time;
        _maxConnections = maxConnections;
        _allowed = _defaultConnections = Math.Min(SfTransferLimits.DefaultConnections, maxConnections);
        _lastChange = time.GetTimestamp();
    }

    /// <summary>The number of connections that are currently allowed.</summary>
    public int Allowed => Volatile.Read(ref _allowed);

    /// <summary>Whether enough time has passed since the last change for <see cref="Adjust"/> to add a connection. Fast enough to call for each read.</summary>
    public bool IsDue => Allowed < _maxConnections && _time.GetElapsedTime(Interlocked.Read(ref _lastChange)) >= GrowthInterval;

    /// <summary>Records received bytes.</summary>
    public void Record(int bytes) => Interlocked.Add(ref _received, bytes);

    /// <summary>Adds a connection if it is needed and is likely to increase the throughput.</summary>
    /// <param name="isNeeded">Whether a caller is waiting for a connection.</param>
    /// <returns>Whether a connection was added.</returns>
    public bool Adjust(bool isNeeded)
    {
        lock (_gate)
        {
            if (_allowed >= _maxConnections || !isNeeded)
            {
                return false;
            }

            long now = _time.GetTimestamp();
            TimeSpan elapsed = _time.GetElapsedTime(_lastChange, now);
            if (_lastThrottled is not null && _allowed < _defaultConnections)
            {
                return elapsed >= RecoveryInterval && Change(_allowed + 1, now, bestRate: 0);
            }

            if (elapsed < GrowthInterval)
            {
                return false;
            }

            double rate = (Interlocked.Read(ref _received) - _receivedAtLastChange) / elapsed.TotalSeconds;
            return Change(rate >= _bestRate * MinGain ? _allowed + 1 : _allowed, now, Math.Max(rate, _bestRate));
        }
    }

    /// <summary>Halves the number of connections, at most once a second, because several requests often report the same overload.</summary>
    public void OnThrottled()
    {
        lock (_gate)
        {
            long now = _time.GetTimestamp();
            if (_lastThrottled is { } last && _time.GetElapsedTime(last, now) < ThrottleInterval)
            {
                return;
            }

            _lastThrottled = now;
            Change(Math.Max(1, _allowed / 2), now, bestRate: 0);
        }
    }

    /// <summary>Sets the number of connections and starts the next throughput measurement.</summary>
    /// <returns>Whether the number has increased.</returns>
    private bool Change(int allowed, long now, double bestRate)
    {
        bool rises = allowed > _allowed;
        Volatile.Write(ref _allowed, allowed);
        Interlocked.Exchange(ref _lastChange, now);
        _receivedAtLastChange = Interlocked.Read(ref _received);
        _bestRate = bestRate;
        return rises;
    }
}
