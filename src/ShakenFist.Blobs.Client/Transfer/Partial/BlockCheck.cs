namespace ShakenFist.Blobs.Transfer;

/// <summary>Compares the bytes of a temporary file with the hashes of its blocks, several blocks in parallel.</summary>
internal static class BlockCheck
{
    private const int MaxReaders = 4;

    /// <summary>Reads all complete blocks.</summary>
    /// <returns>The blocks that differ, in order.</returns>
    public static async Task<IReadOnlyList<int>> RunAsync(
        PartialDownload download, Func<int, bool> isComplete, Action<long> advance, CancellationToken cancellationToken)
    {
        int next = -1;
        List<int> damaged = [];
        int readers = Math.Min(Math.Min(MaxReaders, Environment.ProcessorCount), download.BlockCount);
        if (download.IsSmall)
        {
            Read();
            return damaged;
        }

        await Task.WhenAll(Enumerable.Range(0, readers).Select(_ => Task.Run(Read, cancellationToken))).ConfigureAwait(false);
        damaged.Sort();
        return damaged;

        void Read()
        {
            using BlockHasher hasher = download.NewBlockHasher();
            for (int block = Interlocked.Increment(ref next); block < download.BlockCount; block = Interlocked.Increment(ref next))
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (!isComplete(block))
                {
                    continue;
                }

                if (download.HashBlock(block, hasher, cancellationToken) != download.HashOf(block))
                {
                    lock (damaged)
                    {
                        damaged.Add(block);
                    }
                }

                advance(download.EndOf(block) - download.StartOf(block));
            }
        }
    }
}
