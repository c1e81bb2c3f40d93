namespace ShakenFist.Blobs.Transfer;

/// <summary>Limits the bytes received per second. It only calculates the delay. The caller waits, and can stop its own clocks for that time.</summary>
/// <param name="bytesPerSecond">Bytes per second. Null for no limit.</param>
/// <param name="time">The clock.</param>
internal sealed class RateLimiter(long? bytesPerSecond, TimeProvider time)
{
    // The number of seconds whose bytes can be received without a delay.
    private const double BurstSeconds = 0.2;
    private const int MinReadSize = 256;

    private readonly object _gate = new();
    private readonly long _started = time.GetTimestamp();

    // In seconds since the start, like all times in this class.
    private double _reservedUntil;

    /// <summary>Bytes per second. Null for no limit.</summary>
    public long? BytesPerSecond => bytesPerSecond;

    /// <summary>Maximum number of bytes to read in one operation, small enough to receive data evenly.</summary>
    public int MaxReadSize => bytesPerSecond is { } rate ? (int)Math.Clamp(rate * BurstSeconds, MinReadSize, int.MaxValue) : int.MaxValue;

    /// <summary>Records received bytes and returns the delay before the next read. Zero if the rate is below the limit.</summary>
    public TimeSpan Reserve(int bytes)
    {
        if (bytesPerSecond is not { } rate)
        {
            return TimeSpan.Zero;
        }

        lock (_gate)
        {
            double now = time.GetElapsedTime(_started).TotalSeconds;
            _reservedUntil = Math.Max(_reservedUntil, now - BurstSeconds) + (bytes / (double)rate);
            return TimeSpan.FromSeconds(Math.Max(0, _reservedUntil - now));
        }
    }
}
