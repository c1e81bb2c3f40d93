using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace ShakenFist.Blobs.Transfer;

/// <summary>Reads a range of a blob as chunks in order. A range that is the whole blob is verified at its end if the cluster has published a hash.</summary>
internal static class BlobChunks
{
    /// <summary>Bytes of a chunk. The last one may be shorter. Two are in memory at a time: the caller's, and the next one.</summary>
    public const int ChunkBytes = 4 * 1024 * 1024;

    /// <summary>The bytes from <paramref name="offset"/> up to, but not including, <paramref name="end"/>.</summary>
    /// <exception cref="SfException">They cannot be read, or, after the last chunk, they do not match the published hash.</exception>
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
            // A reader that stops early leaves no request behind.
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
