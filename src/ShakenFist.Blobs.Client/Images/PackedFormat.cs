namespace ShakenFist.Blobs.Images;

/// <summary>A compressed file. Its content is not examined.</summary>
internal static class PackedFormat
{
    public static bool Matches(ImageBytes head) => Name(head) is not null;

    public static ValueTask DescribeAsync(ImageReader reader, ImageFindings found, CancellationToken cancellationToken)
    {
        found.FileFormat = Name(reader.Head)!;
        found.CompressionType = found.FileFormat;
        return ValueTask.CompletedTask;
    }

    private static string? Name(ImageBytes head) => head switch
    {
        _ when head.Has(0, [0x1f, 0x8b, 0x08]) => "gzip",
        _ when head.Has(0, [0xfd, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0x00]) => "xz",
        _ when head.Has(0, [0x28, 0xb5, 0x2f, 0xfd]) => "zstd",
        _ when head.Has(0, "BZh"u8) && head[3] is >= (byte)'1' and <= (byte)'9' && head.Has(4, [0x31, 0x41, 0x59, 0x26, 0x53, 0x59]) => "bzip2",
        _ => null,
    };
}
