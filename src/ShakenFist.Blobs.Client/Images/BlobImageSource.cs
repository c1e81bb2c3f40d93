using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Images;

/// <summary>An image that is a blob's data: each range is a small request of its own.</summary>
internal sealed class BlobImageSource(SfSession session, SfBlob blob, ISfLog log) : IImageSource
{
    // Whoever asks for the format of an image is waiting for the answer.
    private static readonly TimeSpan RetryTimeout = TimeSpan.FromSeconds(5);

    /// <exception cref="SfException">The blob has no data yet.</exception>
    public long Length { get; } = BlobRange.SizeOf(blob);

    /// <exception cref="SfException">The range could not be had exactly.</exception>
    public async ValueTask<ReadOnlyMemory<byte>> ReadAsync(long offset, int count, CancellationToken cancellationToken) =>
        await BlobRange.ReadAsync(session, blob, offset, count, RetryTimeout, log, cancellationToken).ConfigureAwait(false);
}
