using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs;

/// <summary>
/// Limits for several transfers together: the number of connections that they use at the same time, and the bytes that they receive per second. The number of
/// connections decreases while the cluster is overloaded. It increases while more connections increase the throughput.
/// </summary>
public sealed class SfTransferLimits
{
    /// <summary>The default number of connections.</summary>
    public const int DefaultConnections = 4;

    /// <summary>The maximum number of connections.</summary>
    public const int MaxConnections = 16;

    private readonly ConnectionPool _pool;
    private readonly RateLimiter _rate;
    private readonly ConcurrencyTuner _tuner;

    /// <summary>Creates limits for any number of transfers.</summary>
    /// <param name="connections">
    /// Connections at the same time, from 1 to 16. Fewer are used if the cluster is overloaded, or if more do not increase the throughput.
    /// </param>
    /// <param name="bytesPerSecond">Bytes per second of all transfers together. Null for no limit.</param>
    /// <param name="time">The clock. Null for the system clock.</param>
    public SfTransferLimits(int connections = DefaultConnections, long? bytesPerSecond = null, TimeProvider? time = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(connections, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(connections, MaxConnections);
        if (bytesPerSecond is { } rate)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(rate, 1, nameof(bytesPerSecond));
        }

        Connections = connections;
        time ??= TimeProvider.System;
        _rate = new RateLimiter(bytesPerSecond, time);
        _tuner = new ConcurrencyTuner(connections, time);
        _pool = new ConnectionPool(() => _tuner.Allowed);
    }

    /// <summary>Maximum number of connections at the same time.</summary>
    public int Connections { get; }

    /// <summary>Bytes per second. Null for no limit.</summary>
    public long? BytesPerSecond => _rate.BytesPerSecond;

    /// <summary>The number of connections that are currently allowed.</summary>
    internal int Allowed => _tuner.Allowed;

    /// <summary>Maximum number of bytes to read in one operation.</summary>
    internal int MaxReadSize => _rate.MaxReadSize;

    /// <summary>Waits for a connection, in the order of the calls. <see cref="Release"/> returns it.</summary>
    internal Task AcquireAsync(CancellationToken cancellationToken) => _pool.AcquireAsync(cancellationToken);

    /// <summary>Returns a connection.</summary>
    internal void Release()
    {
        _tuner.Adjust(_pool.HasWaiting);
        _pool.Release();
    }

    /// <summary>Records received bytes and returns the delay before the next read. Zero if the rate is below the limit.</summary>
    internal TimeSpan Received(int bytes)
    {
        _tuner.Record(bytes);

        // A connection can be added before a long request ends. With a rate limit, another connection rarely helps, and checking in Release is enough.
        if (BytesPerSecond is null && _tuner.IsDue && _tuner.Adjust(_pool.HasWaiting))
        {
            _pool.GrantWaiting();
        }

        return _rate.Reserve(bytes);
    }

    /// <summary>Reduces the number of connections because the cluster is overloaded.</summary>
    internal void OnThrottled() => _tuner.OnThrottled();
}
