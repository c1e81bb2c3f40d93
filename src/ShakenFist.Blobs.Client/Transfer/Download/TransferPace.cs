namespace ShakenFist.Blobs.Transfer;

/// <summary>Calculates the progress, rate, and remaining time of a transfer. The rate is that of the last few seconds.</summary>
internal sealed class TransferPace(DownloadProgress progress, TimeProvider time)
{
    private static readonly TimeSpan RateSpan = TimeSpan.FromSeconds(5);

    private readonly Queue<(long At, long Position)> _samples = [];

    /// <summary>Calculates the current values.</summary>
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

/// <summary>The progress and rate of a transfer at one moment.</summary>
/// <param name="Position">Valid bytes in the file, from 0 to the total.</param>
/// <param name="Total">Length of the blob in bytes. 0 if it is not known yet.</param>
/// <param name="BytesPerSecond">The recent rate.</param>
internal readonly record struct PaceSample(long Position, long Total, double BytesPerSecond)
{
    /// <summary>The progress from 0 to 100, or -1 if the total is not known. 100 only if the transfer is complete.</summary>
    public int Percent => PercentOf(Position, Total) is var percent && Position < Total ? Math.Min(percent, 99) : percent;

    /// <summary>The estimated remaining time. Null if no data is arriving.</summary>
    public int? SecondsRemaining => BytesPerSecond >= 1 ? (int)Math.Min((Total - Position) / BytesPerSecond, int.MaxValue) : null;

    /// <summary>
    /// Returns the percentage of the whole that is done, from 0 to 100. 100 means that all is done. If the whole is 0, returns -1, which hides the progress bar.
    /// </summary>
    public static int PercentOf(double done, double whole) => whole <= 0 ? -1 : done >= whole ? 100 : (int)Math.Clamp(done * 100 / whole, 0, 99);
}
