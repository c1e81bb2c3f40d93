namespace ShakenFist.Blobs.Transfer;

/// <summary>
/// Finds the damaged blocks of a file whose hash does not match the published hash. Blocks that changed on the disk after they were received are fetched again. If
/// there are none, the whole blob is fetched again and compared block by block. Blocks that differ are replaced. The caller then verifies the whole file again.
/// </summary>
internal sealed class BlockRepair(DownloadContext context, ParallelFetch fetch, PartialDownload download)
{
    // The memory of all workers together, and the minimum of a request.
    private const long MaxMemory = 64 * 1024 * 1024;
    private const long MinRequestBytes = 4 * 1024 * 1024;

    private readonly List<SfRepairedRange> _repaired = [];

    /// <summary>Runs one round of the repair.</summary>
    /// <returns>The ranges that were replaced, in file order. Empty if all data was the same as before.</returns>
    public async Task<IReadOnlyList<SfRepairedRange>> RunAsync(CancellationToken cancellationToken)
    {
        _repaired.Clear();
        context.Progress.Activity = "Searching for damaged ranges";
        IReadOnlyList<int> damaged = await download.FindDamagedBlocksAsync(_ => { }, cancellationToken).ConfigureAwait(false);
        Queue<(int First, int Count)> work = damaged.Count > 0 ? new(damaged.Select(block => (block, 1))) : new(AllBlocks());
        long left = work.Sum(w => (long)w.Count * download.BlockBytes);
        context.Retry.SetLeft(() => left);
        int workers = (int)Math.Clamp(MaxMemory / Math.Max(download.BlockBytes, MinRequestBytes), 1, context.Limits.Connections);
        context.Progress.Activity = "Comparing with a second download";
        context.Progress.Position = 0;
        await Task.WhenAll(Enumerable.Range(0, workers).Select(_ => WorkAsync(work, cancellationToken))).ConfigureAwait(false);
        return SfRepairedRange.Join(_repaired);
    }

    private IEnumerable<(int First, int Count)> AllBlocks()
    {
        int count = (int)Math.Max(1, MinRequestBytes / download.BlockBytes);
        for (int first = 0; first < download.BlockCount; first += count)
        {
            yield return (first, Math.Min(count, download.BlockCount - first));
        }
    }

    private async Task WorkAsync(Queue<(int First, int Count)> work, CancellationToken cancellationToken)
    {
        using BlockHasher hasher = download.NewBlockHasher();
        while (true)
        {
            using ConnectionLease lease = await ConnectionLease.TakeAsync(context, cancellationToken).ConfigureAwait(false);
            (int First, int Count) blocks;
            lock (work)
            {
                if (!work.TryDequeue(out blocks))
                {
                    return;
                }
            }

            await CompareAsync(blocks.First, blocks.Count, hasher, lease, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task CompareAsync(int first, int count, BlockHasher hasher, ConnectionLease lease, CancellationToken cancellationToken)
    {
        long from = download.StartOf(first);
        long to = download.EndOf(first + count - 1);

        // A very short response can't be distinguished from an error. Therefore, the request also includes some of the bytes before the block.
        long start = Math.Min(from, Math.Max(0, download.Size - DataRequest.MaxErrorBytes));
        MemoryTarget memory = new(start, (int)(to - start));
        RangeFetch range = new(context, memory);
        if (await range.RunAsync(start, to, lease, cancellationToken).ConfigureAwait(false) != RangeOutcome.Complete)
        {
            return;
        }

        byte[] bytes = memory.ToArray();
        for (int block = first; block < first + count; block++)
        {
            ReadOnlyMemory<byte> fetched = bytes.AsMemory((int)(download.StartOf(block) - start), (int)(download.EndOf(block) - download.StartOf(block)));
            UInt128 hash = hasher.Hash(fetched.Span);
            bool asBefore = hash == download.HashOf(block);
            if (asBefore && download.HashBlock(block, hasher, cancellationToken) == hash)
            {
                continue;
            }

            download.Write(fetched.Span, download.StartOf(block), unwritten: false);
            download.CompleteBlock(block, hash, provisional: true);
            lock (_repaired)
            {
                _repaired.Add(new SfRepairedRange(download.StartOf(block), fetched.Length, asBefore ? null : fetch.SourceOf(download.StartOf(block)), range.LastRequestId));
            }
        }
    }
}
