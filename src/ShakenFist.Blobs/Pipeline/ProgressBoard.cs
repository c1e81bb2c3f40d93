using System.Management.Automation;

namespace ShakenFist.Blobs.Pipeline;

/// <summary>The transfers that are under way, each with its progress. Written by the work, sampled by whoever shows it.</summary>
internal sealed class ProgressBoard
{
    // More bars than this hide what else is on the screen; those that began first are shown.
    private const int MostShown = 5;

    private readonly List<TransferProgress> _running = [];

    /// <summary>Shows a transfer until what is returned is disposed of.</summary>
    public IDisposable Show(TransferProgress progress)
    {
        lock (_running)
        {
            _running.Add(progress);
        }

        return new Ending(this, progress);
    }

    /// <summary>A record of each at the present moment.</summary>
    public IReadOnlyList<ProgressRecord> Sample()
    {
        lock (_running)
        {
            return [.. _running.Take(MostShown).Select(p => p.Sample())];
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
