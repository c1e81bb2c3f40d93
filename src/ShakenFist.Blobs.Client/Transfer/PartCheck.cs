using System.Security.Cryptography;

namespace ShakenFist.Blobs.Transfer;

/// <summary>Holds the file against the hashes of the parts that are said to be there.</summary>
internal static class PartCheck
{
    private const int MaxReaders = 4;

    /// <summary>Reads every part that is done.</summary>
    /// <returns>How many are not what they were.</returns>
    public static async Task<int> RunAsync(
        PartialFile file, PartMap map, Func<HashAlgorithm>? createXxh128, Action<int> wrong, Action<long> advance, CancellationToken cancellationToken)
    {
        int next = -1;
        int count = 0;
        await Task.WhenAll(Enumerable.Range(0, Math.Min(MaxReaders, Environment.ProcessorCount)).Select(_ => Task.Run(Read, cancellationToken))).ConfigureAwait(false);
        return count;

        void Read()
        {
            using PartHasher hasher = new(createXxh128);
            for (int part = Interlocked.Increment(ref next); part < map.Count; part = Interlocked.Increment(ref next))
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (!map.IsDone(part))
                {
                    continue;
                }

                if (hasher.Hash(file, map.StartOf(part), map.EndOf(part), cancellationToken) != map.HashOf(part))
                {
                    Interlocked.Increment(ref count);
                    wrong(part);
                }

                advance(map.EndOf(part) - map.StartOf(part));
            }
        }
    }
}
