namespace ShakenFist.Blobs.Transfer;

/// <summary>Limits the bytes received per second. It only calculates the wait; the caller waits, and can stop its own clocks for that time.</summary>
/// <param name="bytesPerSecond">Bytes per second; null for no limit.</param>
/// <param name="time">The clock.</param>
internal sealed class RateLimiter(long? bytesPerSecond, TimeProvider time)
{
    // Bytes that may be received without a wait between them: those of a fifth of a second.
    private const double BurstSeconds = 0.2;
    private const int MinReadSize = 256;

    private readonly object _gate = new();
    private readonly long _started = time.GetTimestamp();

    // Seconds after the start, as all times here.
    private double _reservedUntil;

    /// <summary>Bytes per second; null for no limit.</summary>
    public long? BytesPerSecond => bytesPerSecond;

    /// <summary>Bytes to read in one operation: few enough to receive them evenly.</summary>
    public int MaxReadSize => bytesPerSecond is { } rate ? (int)Math.Clamp(rate * BurstSeconds, MinReadSize, int.MaxValue) : int.MaxValue;

    /// <summary>Records received bytes and returns how long to wait before the next read; zero if the rate is below the limit.</summary>
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
