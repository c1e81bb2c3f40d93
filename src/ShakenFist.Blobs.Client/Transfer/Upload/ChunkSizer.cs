namespace ShakenFist.Blobs.Transfer;

/// <summary>Calculates the size of the next chunk from the observed rate, so that a request takes about 4 s. The server ends requests after 30 s.</summary>
/// <param name="fixedBytes">The size of each chunk. Null to calculate it.</param>
/// <param name="bytesPerSecond">The rate limit. Null for none.</param>
internal sealed class ChunkSizer(long? fixedBytes, long? bytesPerSecond)
{
    private const int MinBytes = 256 * 1024;
    private const int MaxBytes = 16 * 1024 * 1024;
    private const double TargetSeconds = 4;
    private const int MaxGrowth = 4;

    // With a rate limit, smaller chunks keep the rate even and the requests short.
    private const int MinLimitedBytes = 16 * 1024;

    private long _next = MinBytes;

    /// <summary>Gets the size of the next chunk, if <paramref name="left"/> bytes are left.</summary>
    public int Next(long left)
    {
        long next = fixedBytes ?? (bytesPerSecond is { } rate ? Math.Min(_next, Math.Max(MinLimitedBytes, (long)(rate * TargetSeconds))) : _next);
        return (int)Math.Min(next, left);
    }

    /// <summary>Records a chunk that was appended within this time.</summary>
    public void Sent(int bytes, TimeSpan elapsed)
    {
        double wanted = elapsed > TimeSpan.Zero ? bytes / elapsed.TotalSeconds * TargetSeconds : MaxBytes;
        _next = (long)Math.Clamp(Math.Min(wanted, (double)_next * MaxGrowth), MinBytes, MaxBytes);
    }

    /// <summary>Records a failure, which can mean that a chunk takes too long.</summary>
    public void Failed() => _next = Math.Max(MinBytes, _next / 2);
}
