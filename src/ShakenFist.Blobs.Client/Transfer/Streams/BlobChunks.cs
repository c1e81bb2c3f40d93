using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace ShakenFist.Blobs.Transfer;

/// <summary>Reads a range of a blob as chunks in order. If the range is the whole blob and the cluster published a hash, the data is verified at the end.</summary>
internal static class BlobChunks
{
    /// <summary>Length of a chunk. The last one can be shorter. Two chunks are in memory at a time: that of the caller, and the next one.</summary>
    public const int ChunkBytes = 4 * 1024 * 1024;

    /// <summary>Reads the bytes from <paramref name="offset"/> up to, but not including, <paramref name="end"/>.</summary>
    /// <exception cref="SfException">The bytes cannot be read, or, after the last chunk, they do not match the published hash.</exception>
    public static async IAsyncEnumerable<byte[]> ReadAsync(
        SfSession session, SfBlob blob, long offset, long end, TimeSpan retryTimeout, DownloadProgress progress, ISfLog log, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        long size = BlobRange.SizeOf(blob);
        PublishedHash? hash = offset == 0 && end == size ? PublishedHash.Of(blob) : null;
        if (hash is null && offset == 0 && end == size && PublishedHash.DescribeUnreadable(blob) is not null)
        {
            log.Warning($"{PublishedHash.DescribeMissing(blob)} The data is returned without verification.");
        }

        using HashAlgorithm? hasher = hash?.Algorithm.Create();
        using CancellationTokenSource leaving = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task<byte[]>? next = null;
        try
        {
            for (long position = offset; position < end; position += ChunkBytes)
            {
                byte[] chunk = await (next ?? FetchAsync(position)).ConfigureAwait(false);
                next = position + ChunkBytes < end ? FetchAsync(position + ChunkBytes) : null;
                hasher?.TransformBlock(chunk, 0, chunk.Length, null, 0);
                progress.Position = position + chunk.Length - offset;
                yield return chunk;
            }
        }
        finally
        {
            // If the caller stops early, no request continues in the background.
            await leaving.CancelAsync().ConfigureAwait(false);
            await (next ?? Task.CompletedTask).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        if (hasher is not null)
        {
            hasher.TransformFinalBlock([], 0, 0);
            hash!.ThrowIfOther(blob, hasher.Hash!, "Do not use the data that was already returned.");
        }

        Task<byte[]> FetchAsync(long position) =>
            BlobRange.ReadAsync(session, blob, position, (int)Math.Min(ChunkBytes, end - position), retryTimeout, log, leaving.Token);
    }
}
