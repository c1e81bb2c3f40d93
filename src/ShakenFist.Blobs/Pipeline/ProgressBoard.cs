using System.Globalization;
using System.Management.Automation;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Pipeline;

/// <summary>Contains the transfers of a command and their progress. The transfers update it, and the command or the job samples it.</summary>
internal sealed class ProgressBoard
{
    // More progress bars would hide other output. The transfers that started first are shown.
    private const int MaxShown = 5;

    private readonly List<TransferProgress> _running = [];
    private readonly DownloadProgress _sum = new();
    private readonly TransferPace _pace;
    private readonly int _activityId = TransferProgress.NextActivityId();
    private int _expected;
    private int _ended;
    private long _endedBytes;

    public ProgressBoard(TimeProvider time) => _pace = new TransferPace(_sum, time);

    /// <summary>Announces a blob before its transfer starts.</summary>
    public void Expect()
    {
        lock (_running)
        {
            _expected++;
        }
    }

    /// <summary>Adds the length of an announced blob when it is known.</summary>
    public void ExpectBytes(long bytes)
    {
        lock (_running)
        {
            _sum.Total += bytes;
        }
    }

    /// <summary>Records that an announced blob was saved, or that it failed.</summary>
    public void End()
    {
        lock (_running)
        {
            _ended++;
        }
    }

    /// <summary>Shows a transfer until the returned object is disposed of.</summary>
    public IDisposable Show(TransferProgress progress)
    {
        lock (_running)
        {
            _running.Add(progress);
        }

        return new Ending(this, progress);
    }

    /// <summary>Gets the progress of all blobs together.</summary>
    public PaceSample SampleSum()
    {
        lock (_running)
        {
            _sum.Position = _endedBytes + _running.Sum(p => p.Position);
            return _pace.Sample();
        }
    }

    /// <summary>Describes the progress of all blobs together: percentage and rate.</summary>
    public string Describe()
    {
        PaceSample pace = SampleSum();
        return $"{Math.Max(pace.Percent, 0)} %, {SfFormat.Size((long)pace.BytesPerSecond)}/s";
    }

    /// <summary>Gets the current progress record of each transfer and, if there are several blobs, first that of all together.</summary>
    public IReadOnlyList<ProgressRecord> Sample()
    {
        lock (_running)
        {
            PaceSample sum = SampleSum();
            ProgressRecord[] each = [.. _running.Take(MaxShown).Select(p => p.Sample())];
            return _expected > 1 && each.Length > 0 ? [Sum(sum), .. each] : each;
        }
    }

    private ProgressRecord Sum(PaceSample sum)
    {
        string text = string.Create(CultureInfo.CurrentCulture, $"{_ended} of {_expected}, {SfFormat.Size(sum.Position)} of {SfFormat.Size(sum.Total)}");
        ProgressRecord record = new(_activityId, "Saving blobs", text) { PercentComplete = sum.Percent };
        record.SecondsRemaining = sum.SecondsRemaining ?? record.SecondsRemaining;
        return record;
    }

    private sealed class Ending(ProgressBoard board, TransferProgress progress) : IDisposable
    {
        public void Dispose()
        {
            lock (board._running)
            {
                board._running.Remove(progress);
                board._endedBytes += progress.Position;
            }
        }
    }
}
