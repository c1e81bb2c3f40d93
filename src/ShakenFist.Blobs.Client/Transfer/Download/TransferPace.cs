namespace ShakenFist.Blobs.Transfer;

/// <summary>How far a transfer is, how fast, and how long it takes still, as of each sample. The rate is that of the last few seconds, so that it tells what is happening now.</summary>
internal sealed class TransferPace(DownloadProgress progress, TimeProvider time)
{
    private static readonly TimeSpan RateSpan = TimeSpan.FromSeconds(5);

    private readonly Queue<(long At, long Position)> _samples = [];

    /// <summary>What it is at the present moment.</summary>
    public PaceSample Sample()
    {
        long total = progress.Total;
        long position = Math.Clamp(progress.Position, 0, total);
        long now = time.GetTimestamp();
        _samples.Enqueue((now, position));
        while (_samples.Count > 2 && time.GetElapsedTime(_samples.Peek().At, now) > RateSpan)
        {
            _samples.Dequeue();
        }

        (long at, long from) = _samples.Peek();
        double seconds = time.GetElapsedTime(at, now).TotalSeconds;
        return new PaceSample(position, total, seconds > 0 ? Math.Max(0, (position - from) / seconds) : 0);
    }
}

/// <summary>The pace at one moment.</summary>
/// <param name="Position">Bytes in place, from 0 to the total.</param>
/// <param name="Total">Bytes due; 0 while that is not known.</param>
/// <param name="BytesPerSecond">The rate of late.</param>
internal readonly record struct PaceSample(long Position, long Total, double BytesPerSecond)
{
    /// <summary>From 0 to 100; -1 while the total is not known.</summary>
    public int Percent => PercentOf(Position, Total) is var percent && Position < Total ? Math.Min(percent, 99) : percent;

    /// <summary>Null while nothing comes.</summary>
    public int? SecondsRemaining => BytesPerSecond >= 1 ? (int)Math.Min((Total - Position) / BytesPerSecond, int.MaxValue) : null;

    /// <summary>How much of a whole is done, from 0 to 100, which means all of it; -1, which shows no bar, if the whole is nothing.</summary>
    public static int PercentOf(double done, double whole) => whole <= 0 ? -1 : done >= whole ? 100 : (int)Math.Clamp(done * 100 / whole, 0, 99);
}
