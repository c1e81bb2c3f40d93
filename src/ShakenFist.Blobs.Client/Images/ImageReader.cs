namespace ShakenFist.Blobs.Images;

/// <summary>Reads ranges of an image, with limits on their position and length.</summary>
internal sealed class ImageReader
{
    /// <summary>The length of the first range, which is the only one for most images.</summary>
    public const int HeadBytes = 64 * 1024;

    /// <summary>The maximum length of a range.</summary>
    public const int MaxBytes = 256 * 1024;

    private readonly IImageSource _source;

    private ImageReader(IImageSource source) => _source = source;

    public long Length => _source.Length;

    public ImageBytes Head { get; private set; }

    public static async ValueTask<ImageReader> OpenAsync(IImageSource source, CancellationToken cancellationToken)
    {
        ImageReader reader = new(source);
        reader.Head = await reader.FetchAsync(0, HeadBytes, cancellationToken).ConfigureAwait(false);
        return reader;
    }

    /// <summary>Gets the available bytes of a range, from the first range if it contains them.</summary>
    public async ValueTask<ImageBytes> ReadAsync(ulong offset, int count, CancellationToken cancellationToken)
    {
        if (offset >= (ulong)Math.Max(0, Length))
        {
            return default;
        }

        long start = (long)offset;
        long wanted = Math.Min(Length - start, Math.Min(count, MaxBytes));
        return start <= Head.Length - wanted ? Head.Part(start, wanted) : await FetchAsync(start, count, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Gets the last bytes of the image.</summary>
    public ValueTask<ImageBytes> ReadEndAsync(int count, CancellationToken cancellationToken) =>
        ReadAsync((ulong)Math.Max(0, Length - count), count, cancellationToken);

    /// <summary>Gets the offset of a sector. For a number that is too large, the offset is beyond any image.</summary>
    public static ulong Offset(ulong sector, int sectorSize) => (ulong)UInt128.Min((UInt128)sector * (uint)sectorSize, ulong.MaxValue);

    /// <summary>Returns whether a range is within the image.</summary>
    public bool Holds(ulong offset, ulong count) => (UInt128)offset + count <= (ulong)Math.Max(0, Length);

    private async ValueTask<ImageBytes> FetchAsync(long offset, int count, CancellationToken cancellationToken)
    {
        int wanted = (int)Math.Min(Math.Min(count, MaxBytes), Length - offset);
        if (wanted <= 0)
        {
            return default;
        }

        ImageBytes bytes = new(await _source.ReadAsync(offset, wanted, cancellationToken).ConfigureAwait(false));
        return bytes.Part(0, wanted);
    }
}
