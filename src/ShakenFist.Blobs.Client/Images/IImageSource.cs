namespace ShakenFist.Blobs.Images;

/// <summary>Where an image's bytes come from. Only a few small ranges are asked for.</summary>
public interface IImageSource
{
    /// <summary>Length of the image in bytes.</summary>
    long Length { get; }

    /// <summary>The bytes of a range that lies within the length. What comes short counts as the image's end.</summary>
    ValueTask<ReadOnlyMemory<byte>> ReadAsync(long offset, int count, CancellationToken cancellationToken);
}
