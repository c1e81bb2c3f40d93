using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Images;

/// <summary>An image in the data of a blob. Each range is a separate small request.</summary>
internal sealed class BlobImageSource(SfSession session, SfBlob blob, ISfLog log) : IImageSource
{
    // Short, because the user is waiting for the result.
    private static readonly TimeSpan RetryTimeout = TimeSpan.FromSeconds(5);

    /// <exception cref="SfException">The blob has no data yet.</exception>
    public long Length { get; } = BlobRange.SizeOf(blob);

    /// <exception cref="SfException">The range cannot be read.</exception>
    public async ValueTask<ReadOnlyMemory<byte>> ReadAsync(long offset, int count, CancellationToken cancellationToken) =>
        await BlobRange.ReadAsync(session, blob, offset, count, RetryTimeout, log, cancellationToken).ConfigureAwait(false);
}
