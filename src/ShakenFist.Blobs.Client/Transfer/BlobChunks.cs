using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace ShakenFist.Blobs.Transfer;

/// <summary>Reads a stretch of a blob as chunks in order. A stretch that is the whole blob is verified at its end, where the cluster has published a hash.</summary>
internal static class BlobChunks
{
    /// <summary>Bytes of a chunk; the last one may be shorter. Two of them are in memory at a time: one with the caller, the next under way.</summary>
    public const int ChunkBytes = 4 * 1024 * 1024;

    /// <summary>The bytes from <paramref name="offset"/> up to, but not including, <paramref name="end"/>.</summary>
    /// <exception cref="SfException">They cannot be had, or, after the last chunk, they are not what was published.</exception>
    public static async IAsyncEnumerable<byte[]> ReadAsync(
        SfSession session, SfBlob blob, long offset, long end, DownloadProgress progress, ISfLog log, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        long size = BlobRange.SizeOf(blob);
        PublishedHash? hash = offset == 0 && end == size ? PublishedHash.Of(blob) : null;
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
            // A reader that leaves early leaves no request behind.
            await leaving.CancelAsync().ConfigureAwait(false);
            await (next ?? Task.CompletedTask).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        if (hasher is not null)
        {
            hasher.TransformFinalBlock([], 0, 0);
            hash!.ThrowIfOther(blob, hasher.Hash!, "The bytes put out are not to be trusted.");
        }

        Task<byte[]> FetchAsync(long position) =>
            BlobRange.ReadAsync(session, blob, position, (int)Math.Min(ChunkBytes, end - position), log, leaving.Token);
    }
}
