using System.Security.Cryptography;

namespace ShakenFist.Blobs.Transfer;

/// <summary>
/// Looks for what is wrong with a file whose hash is not the published one. Parts that are not in the file as they came are the file's fault, and fetched again. If there
/// are none, the whole blob is fetched again and compared part by part. What differs is replaced; the hash of the whole decides then whether that was right.
/// </summary>
internal sealed class PartRepair(FetchContext context, ParallelFetch fetch, TransferFiles files, Func<HashAlgorithm>? createXxh128)
{
    private readonly PartMap _map = files.Map;

    // Memory of all workers together, and of each.
    private const long MostMemory = 64 * 1024 * 1024;
    private const long WindowBytes = 4 * 1024 * 1024;

    private readonly List<SfRepairedRange> _repaired = [];

    /// <summary>Does one round.</summary>
    /// <returns>The ranges that were replaced, in the order of the file; none if everything came as before.</returns>
    public async Task<IReadOnlyList<SfRepairedRange>> RunAsync(CancellationToken cancellationToken)
    {
        _repaired.Clear();
        List<int> suspects = [];
        context.Progress.Activity = "Looking for the damage";
        await PartCheck.RunAsync(
            files.Part, _map, createXxh128,
            part =>
            {
                lock (suspects)
                {
                    suspects.Add(part);
                }
            },
            _ => { },
            cancellationToken).ConfigureAwait(false);

        Queue<(int First, int Count)> windows = suspects.Count > 0 ? new(suspects.Order().Select(part => (part, 1))) : new(AllWindows());
        long window = Math.Max(_map.PartBytes, WindowBytes);
        int workers = (int)Math.Clamp(MostMemory / window, 1, context.Limits.Connections);
        context.Progress.Activity = "Comparing with a second fetch";
        context.Progress.Position = 0;
        await Task.WhenAll(Enumerable.Range(0, workers).Select(_ => WorkAsync(windows, cancellationToken))).ConfigureAwait(false);
        return SfRepairedRange.Join(_repaired);
    }

    private IEnumerable<(int First, int Count)> AllWindows()
    {
        int count = (int)Math.Max(1, WindowBytes / _map.PartBytes);
        for (int first = 0; first < _map.Count; first += count)
        {
            yield return (first, Math.Min(count, _map.Count - first));
        }
    }

    private async Task WorkAsync(Queue<(int First, int Count)> windows, CancellationToken cancellationToken)
    {
        using PartHasher hasher = new(createXxh128);
        while (true)
        {
            await context.Limits.AcquireAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                (int First, int Count) window;
                lock (windows)
                {
                    if (!windows.TryDequeue(out window))
                    {
                        return;
                    }
                }

                await CompareAsync(window.First, window.Count, hasher, cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                context.Limits.Release();
            }
        }
    }

    private async Task CompareAsync(int first, int count, PartHasher hasher, CancellationToken cancellationToken)
    {
        long from = _map.StartOf(first);
        long to = _map.EndOf(first + count - 1);

        // Fewer bytes than an error has cannot be judged: they are asked for with some of those before them.
        long start = Math.Min(from, Math.Max(0, _map.Size - WindowFetch.LargestError));
        MemoryWindow memory = new(start, (int)(to - start));
        RangeFetch range = new(context, memory);
        if (!await range.RunAsync(start, to, cancellationToken).ConfigureAwait(false))
        {
            return;
        }

        byte[] bytes = memory.ToArray();
        for (int part = first; part < first + count; part++)
        {
            ReadOnlyMemory<byte> there = bytes.AsMemory((int)(_map.StartOf(part) - start), (int)(_map.EndOf(part) - _map.StartOf(part)));
            UInt128 hash = hasher.Hash(there.Span);
            bool asNoted = hash == _map.HashOf(part);
            if (asNoted && hasher.Hash(files.Part, _map.StartOf(part), _map.EndOf(part), cancellationToken) == hash)
            {
                continue;
            }

            files.Part.Write(there.Span, _map.StartOf(part), fresh: false);
            files.Note(part, hash);
            _map.Complete(part, hash);
            lock (_repaired)
            {
                _repaired.Add(new SfRepairedRange(_map.StartOf(part), there.Length, asNoted ? null : fetch.SourceOf(_map.StartOf(part)), range.LastRequestId));
            }
        }
    }
}
