using System.Globalization;
using System.Management.Automation;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Pipeline;

/// <summary>Shows the progress of a transfer: bytes of the total, rate, and remaining time.</summary>
internal sealed class TransferProgress(string activity, DownloadProgress progress, TimeProvider time)
{
    private static int _activities;

    private readonly int _activityId = NextActivityId();
    private readonly TransferPace _pace = new(progress, time);

    /// <summary>Gets an ID that no other progress record has. It is above the small numbers that scripts use for their own activities.</summary>
    public static int NextActivityId() => 0x5F_0000 + (Interlocked.Increment(ref _activities) & 0xFFFF);

    /// <summary>Gets the number of valid bytes.</summary>
    public long Position => progress.Position;

    /// <summary>Gets the current progress record.</summary>
    public ProgressRecord Sample()
    {
        PaceSample pace = _pace.Sample();
        ProgressRecord record = new(_activityId, activity, Describe(pace)) { PercentComplete = pace.Percent };
        record.SecondsRemaining = pace.SecondsRemaining ?? record.SecondsRemaining;
        return record;
    }

    // A narrow terminal shows only the start of the text.
    private string Describe(PaceSample pace)
    {
        string percent = pace.Percent >= 0 ? $"{pace.Percent} %, " : string.Empty;
        string rate = pace.BytesPerSecond >= 1 ? $"{SfFormat.Size((long)pace.BytesPerSecond)}/s, " : string.Empty;
        return string.Create(CultureInfo.CurrentCulture, $"{percent}{rate}{SfFormat.Size(pace.Position)} of {SfFormat.Size(pace.Total)}, {progress.Activity}");
    }
}
