using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs;

/// <summary>
/// Limits for any number of transfers together: the connections they use at the same time, and the bytes they receive per second. The number of connections
/// falls while the cluster is overloaded, and rises again while more connections raise the throughput.
/// </summary>
public sealed class SfTransferLimits
{
    /// <summary>The default number of connections.</summary>
    public const int DefaultConnections = 4;

    /// <summary>The highest number of connections.</summary>
    public const int MaxConnections = 16;

    private readonly ConnectionPool _pool;
    private readonly RateLimiter _rate;
    private readonly ConcurrencyTuner _tuner;

    /// <summary>Creates limits for any number of transfers.</summary>
    /// <param name="connections">Connections at the same time, from 1 to 16. Fewer are used if the cluster is overloaded, or if more do not raise the throughput.</param>
    /// <param name="bytesPerSecond">Bytes per second of all transfers together; null for no limit.</param>
    /// <param name="time">The clock; null for the system clock.</param>
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

    /// <summary>Connections at the same time.</summary>
    public int Connections { get; }

    /// <summary>Bytes per second; null for no limit.</summary>
    public long? BytesPerSecond => _rate.BytesPerSecond;

    /// <summary>Connections that are allowed now.</summary>
    internal int Allowed => _tuner.Allowed;

    /// <summary>Bytes to read in one operation.</summary>
    internal int MaxReadSize => _rate.MaxReadSize;

    /// <summary>Waits for a connection, in the order of the calls. <see cref="Release"/> returns it.</summary>
    internal Task AcquireAsync(CancellationToken cancellationToken) => _pool.AcquireAsync(cancellationToken);

    /// <summary>Returns a connection.</summary>
    internal void Release()
    {
        _tuner.Adjust(_pool.HasWaiting);
        _pool.Release();
    }

    /// <summary>Records received bytes and returns how long to wait before the next read; zero if the rate is below the limit.</summary>
    internal TimeSpan Received(int bytes)
    {
        _tuner.Record(bytes);

        // A long request need not end before a connection is added. With a limited rate, an added connection rarely helps: Release decides that often enough.
        if (BytesPerSecond is null && _tuner.IsDue && _tuner.Adjust(_pool.HasWaiting))
        {
            _pool.GrantWaiting();
        }

        return _rate.Reserve(bytes);
    }

    /// <summary>Reduces the connections because the cluster is overloaded.</summary>
    internal void OnThrottled() => _tuner.OnThrottled();
}
