namespace ShakenFist.Blobs.Images;

/// <summary>QEMU qcow version 1: a short big-endian header.</summary>
internal static class QcowFormat
{
    private const int HeaderLength = 48;
    private const int LongestBackingFile = 1023;

    public static bool Matches(ImageBytes head) => head.Has(0, "QFI"u8) && head[3] == 0xfb && head.U32Be(4) == 1;

    public static async ValueTask DescribeAsync(ImageReader reader, ImageFindings found, CancellationToken cancellationToken)
    {
        ImageBytes head = reader.Head;
        found.FileFormat = "qcow";
        found.Version = "1";
        if (!found.IsWhole(head, HeaderLength, "header"))
        {
            return;
        }

        found.VirtualSize = found.Bytes(head.U64Be(24), 1, "virtual size");
        byte bits = head[32];
        found.ClusterSize = bits is >= 9 and <= 16 ? 1L << bits : null;
        if (found.ClusterSize is null)
        {
            found.Warn($"The header specifies {bits} cluster bits. The valid range is 9 to 16.");
        }

        found.CompressionType = "zlib";
        uint encryption = head.U32Be(36);
        found.Encryption = encryption switch { 0 => null, 1 => "aes", _ => $"method {encryption}" };
        if (encryption > 1)
        {
            found.Warn($"Encryption method {encryption} is not supported.");
        }

        ulong offset = head.U64Be(8);
        if (offset == 0)
        {
            return;
        }

        uint length = head.U32Be(16);
        if (length > LongestBackingFile)
        {
            found.Warn($"The name of the backing file has {length} bytes. The maximum is {LongestBackingFile}.");
        }

        int count = (int)Math.Min(length, LongestBackingFile);
        ImageBytes name = await reader.ReadAsync(offset, count, cancellationToken).ConfigureAwait(false);
        if (found.IsWhole(name, count, "name of the backing file"))
        {
            found.BackingFile = name.Utf8(0, count);
        }
    }
}
