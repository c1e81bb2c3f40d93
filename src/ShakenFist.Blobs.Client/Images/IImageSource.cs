namespace ShakenFist.Blobs.Images;

/// <summary>The source of the bytes of an image. Only a few small ranges are read.</summary>
public interface IImageSource
{
    /// <summary>Gets the length of the image in bytes.</summary>
    long Length { get; }

    /// <summary>Reads a range within the length. A shorter result is treated as the end of the image.</summary>
    ValueTask<ReadOnlyMemory<byte>> ReadAsync(long offset, int count, CancellationToken cancellationToken);
}
