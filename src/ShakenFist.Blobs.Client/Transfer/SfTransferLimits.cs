namespace ShakenFist.Blobs;

/// <summary>
/// How many connections all transfers that share this may have open at a time, and how many bytes they may receive in a second. The number of connections
/// falls when the cluster says that it has too much to do, and rises again while more of them bring more.
/// </summary>
public sealed class SfTransferLimits
{
    /// <summary>Connections where nothing else is said.</summary>
    public const int DefaultConnections = 4;

    /// <summary>Connections that may be asked for.</summary>
    public const int MostConnections = 16;

    // A connection more has to bring this much more.
    private const double WorthIt = 1.02;

    // Bytes of a cap that may come at once: what a fifth of a second allows.
    private const double BurstSeconds = 0.2;
    private const int LeastAtOnce = 256;

    private static readonly TimeSpan GrowthPace = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan RecoveryPace = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan PushbackPace = TimeSpan.FromSeconds(1);

    private readonly object _gate = new();
    private readonly TimeProvider _time;
    private readonly LinkedList<TaskCompletionSource> _waiting = [];
    private int _allowed;
    private int _inUse;
    private long _received;
    private long _lastChange;
    private long _receivedAtLastChange;
    private double _bestRate;
    private long? _lastPushback;
    private double _paid;

    /// <summary>Makes limits for any number of transfers.</summary>
    /// <param name="connections">Connections at a time, 1 to 16. Fewer are used where the cluster asks for that or where more bring nothing.</param>
    /// <param name="bytesPerSecond">Bytes per second of all of them together; null for no limit.</param>
    /// <param name="time">The clock; null for the system's.</param>
    public SfTransferLimits(int connections = DefaultConnections, long? bytesPerSecond = null, TimeProvider? time = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(connections, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(connections, MostConnections);
        if (bytesPerSecond is { } rate)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(rate, 1, nameof(bytesPerSecond));
        }

        Connections = connections;
        BytesPerSecond = bytesPerSecond;
        _time = time ?? TimeProvider.System;
        _allowed = Math.Min(DefaultConnections, connections);
        _lastChange = _time.GetTimestamp();
        _paid = Seconds(_lastChange);
    }

    /// <summary>Connections at a time.</summary>
    public int Connections { get; }

    /// <summary>Bytes per second, or null.</summary>
    public long? BytesPerSecond { get; }

    /// <summary>Connections that are allowed just now.</summary>
    internal int Allowed
    {
        get
        {
            lock (_gate)
            {
                return _allowed;
            }
        }
    }

    /// <summary>Bytes to read at a time: where the rate is capped, few enough to keep to it.</summary>
    internal int MostAtOnce => BytesPerSecond is { } rate ? (int)Math.Clamp(rate * BurstSeconds, LeastAtOnce, int.MaxValue) : int.MaxValue;

    /// <summary>Waits for a connection, in the order of asking. <see cref="Release"/> gives it back.</summary>
    internal async Task AcquireAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        TaskCompletionSource turn = new(TaskCreationOptions.RunContinuationsAsynchronously);
        LinkedListNode<TaskCompletionSource> place;
        lock (_gate)
        {
            if (_inUse < _allowed)
            {
                _inUse++;
                return;
            }

            place = _waiting.AddLast(turn);
        }

        using CancellationTokenRegistration registration = cancellationToken.Register(() =>
        {
            lock (_gate)
            {
                if (turn.TrySetCanceled(cancellationToken))
                {
                    _waiting.Remove(place);
                }
            }
        });
        await turn.Task.ConfigureAwait(false);
    }

    /// <summary>Gives a connection back, and sees whether there should be more or fewer of them.</summary>
    internal void Release()
    {
        lock (_gate)
        {
            _inUse--;
            Adapt();
            Serve();
        }
    }

    /// <summary>Bytes have come. Where the rate is capped, waits until they are within it.</summary>
    internal ValueTask PaceAsync(int bytes, CancellationToken cancellationToken)
    {
        if (BytesPerSecond is not { } rate)
        {
            Interlocked.Add(ref _received, bytes);
            GrowInTime();
            return ValueTask.CompletedTask;
        }

        TimeSpan wait;
        lock (_gate)
        {
            _received += bytes;
            double now = Seconds(_time.GetTimestamp());
            _paid = Math.Max(_paid, now - BurstSeconds) + (bytes / (double)rate);
            wait = TimeSpan.FromSeconds(Math.Max(0, _paid - now));
        }

        return wait > TimeSpan.Zero ? new ValueTask(Task.Delay(wait, _time, cancellationToken)) : ValueTask.CompletedTask;
    }

    /// <summary>The cluster has too much to do: half the connections.</summary>
    internal void Pushback()
    {
        lock (_gate)
        {
            long now = _time.GetTimestamp();
            if (_lastPushback is { } last && _time.GetElapsedTime(last, now) < PushbackPace)
            {
                return;
            }

            _lastPushback = now;
            _allowed = Math.Max(1, _allowed / 2);
            Note(now, rate: 0);
        }
    }

    /// <summary>A long window need not end before there is another connection.</summary>
    private void GrowInTime()
    {
        if (Volatile.Read(ref _allowed) < Connections && _time.GetElapsedTime(Interlocked.Read(ref _lastChange)) >= GrowthPace)
        {
            lock (_gate)
            {
                Adapt();
                Serve();
            }
        }
    }

    private double Seconds(long timestamp) => _time.GetElapsedTime(0, timestamp).TotalSeconds;

    private void Serve()
    {
        while (_inUse < _allowed && _waiting.First is { } first)
        {
            _waiting.RemoveFirst();
            _inUse += first.Value.TrySetResult() ? 1 : 0;
        }
    }

    /// <summary>Up to the usual number after a while of peace; beyond it as long as the last one more has brought more.</summary>
    private void Adapt()
    {
        if (_allowed >= Connections || _waiting.Count == 0)
        {
            return;
        }

        long now = _time.GetTimestamp();
        TimeSpan elapsed = _time.GetElapsedTime(_lastChange, now);
        if (_lastPushback is not null && _allowed < Math.Min(DefaultConnections, Connections))
        {
            if (elapsed >= RecoveryPace)
            {
                _allowed++;
                Note(now, rate: 0);
            }

            return;
        }

        if (elapsed < GrowthPace)
        {
            return;
        }

        double rate = (Interlocked.Read(ref _received) - _receivedAtLastChange) / elapsed.TotalSeconds;
        if (rate >= _bestRate * WorthIt)
        {
            _allowed++;
        }

        Note(now, Math.Max(rate, _bestRate));
    }

    private void Note(long now, double rate)
    {
        Interlocked.Exchange(ref _lastChange, now);
        _receivedAtLastChange = Interlocked.Read(ref _received);
        _bestRate = rate;
    }
}
