using System.Globalization;
using System.Management.Automation;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Pipeline;

/// <summary>Shows the progress of a transfer: bytes of the total, rate, and remaining time.</summary>
internal sealed class TransferProgress(string activity, DownloadProgress progress, TimeProvider time)
{
    private static int _activities;

    // Above the small numbers that scripts use for their own activities.
    private readonly int _activityId = 0x5F_0000 + (Interlocked.Increment(ref _activities) & 0xFFFF);
    private readonly TransferPace _pace = new(progress, time);

    /// <summary>Gets the current progress record.</summary>
    public ProgressRecord Sample()
    {
        PaceSample pace = _pace.Sample();
        ProgressRecord record = new(_activityId, activity, Describe(pace)) { PercentComplete = pace.Percent };
        record.SecondsRemaining = pace.SecondsRemaining ?? record.SecondsRemaining;
        return record;
    }

    private string Describe(PaceSample pace)
    {
        string rate = pace.BytesPerSecond >= 1 ? $", {SfFormat.Size((long)pace.BytesPerSecond)}/s" : string.Empty;
        return string.Create(CultureInfo.CurrentCulture, $"{progress.Activity}: {SfFormat.Size(pace.Position)} of {SfFormat.Size(pace.Total)}{rate}");
    }
}
