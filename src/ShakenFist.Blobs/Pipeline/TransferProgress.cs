using System.Globalization;
using System.Management.Automation;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Pipeline;

/// <summary>Shows how far a transfer is: bytes of total, rate, time left. The rate is that of the last few seconds, so that it tells what is happening now.</summary>
internal sealed class TransferProgress(string activity, DownloadProgress progress, TimeProvider time)
{
    private static readonly TimeSpan RateSpan = TimeSpan.FromSeconds(5);
    private static int _activities;

    // Apart from the small numbers that scripts choose for their own.
    private readonly int _activityId = 0x5F_0000 + (Interlocked.Increment(ref _activities) & 0xFFFF);
    private readonly Queue<(long At, long Position)> _samples = [];

    /// <summary>A record of the present moment.</summary>
    public ProgressRecord Sample()
    {
        long total = progress.Total;
        long position = Math.Min(progress.Position, total);
        double rate = RateAt(position);
        ProgressRecord record = new(_activityId, activity, Describe(position, total, rate))
        {
            PercentComplete = total > 0 ? (int)Math.Clamp(position * 100.0 / total, 0, 100) : -1,
        };
        if (rate >= 1)
        {
            record.SecondsRemaining = (int)Math.Min((total - position) / rate, int.MaxValue);
        }

        return record;
    }

    private double RateAt(long position)
    {
        long now = time.GetTimestamp();
        _samples.Enqueue((now, position));
        while (_samples.Count > 2 && time.GetElapsedTime(_samples.Peek().At, now) > RateSpan)
        {
            _samples.Dequeue();
        }

        (long at, long from) = _samples.Peek();
        double seconds = time.GetElapsedTime(at, now).TotalSeconds;
        return seconds > 0 ? Math.Max(0, (position - from) / seconds) : 0;
    }

    private string Describe(long position, long total, double rate) => string.Create(CultureInfo.CurrentCulture,
        $"{progress.Activity}: {SfFormat.Size(position)} of {SfFormat.Size(total)}{(rate >= 1 ? $", {SfFormat.Size((long)rate)}/s" : string.Empty)}");
}
