using System.Management.Automation;

namespace ShakenFist.Blobs.Pipeline;

/// <summary>Contains the running transfers and their progress. The transfers update it, and the command or the job samples it.</summary>
internal sealed class ProgressBoard
{
    // More progress bars would hide other output. The transfers that started first are shown.
    private const int MaxShown = 5;

    private readonly List<TransferProgress> _running = [];

    /// <summary>Shows a transfer until the returned object is disposed of.</summary>
    public IDisposable Show(TransferProgress progress)
    {
        lock (_running)
        {
            _running.Add(progress);
        }

        return new Ending(this, progress);
    }

    /// <summary>Gets the current progress record of each transfer.</summary>
    public IReadOnlyList<ProgressRecord> Sample()
    {
        lock (_running)
        {
            return [.. _running.Take(MaxShown).Select(p => p.Sample())];
        }
    }

    private sealed class Ending(ProgressBoard board, TransferProgress progress) : IDisposable
    {
        public void Dispose()
        {
            lock (board._running)
            {
                board._running.Remove(progress);
            }
        }
    }
}
