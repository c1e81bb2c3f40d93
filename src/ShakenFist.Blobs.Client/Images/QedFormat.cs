namespace ShakenFist.Blobs.Images;

/// <summary>QEMU QED: a short little-endian header, followed by the name of the backing file.</summary>
internal static class QedFormat
{
    private const int HeaderLength = 64;
    private const int LongestBackingFile = 1023;
    private const ulong HasBackingFile = 1;
    private const ulong NeedsCheck = 2;
    private const ulong BackingFileIsRaw = 4;

    public static bool Matches(ImageBytes head) => head.Has(0, "QED\0"u8);

    public static async ValueTask DescribeAsync(ImageReader reader, ImageFindings found, CancellationToken cancellationToken)
    {
        ImageBytes head = reader.Head;
        found.FileFormat = "qed";
        if (!found.IsWhole(head, HeaderLength, "header"))
        {
            return;
        }

        found.VirtualSize = found.Bytes(head.U64Le(48), 1, "image size");
        found.ClusterSize = found.PowerOfTwo(head.U32Le(4), 4096, 64L << 20, "cluster size");
        CheckTable(reader, found);
        ulong features = head.U64Le(16);
        if ((features & NeedsCheck) != 0)
        {
            found.Features.Add("dirty");
            found.Warn("The image is marked as dirty. It was not closed properly, and its tables can be wrong.");
        }

        if ((features & ~(HasBackingFile | NeedsCheck | BackingFileIsRaw)) != 0)
        {
            found.Warn("The image uses features that are not supported.");
        }

        if ((features & HasBackingFile) != 0)
        {
            found.BackingFile = await BackingFileAsync(reader, found, cancellationToken).ConfigureAwait(false);
            found.BackingFileFormat = (features & BackingFileIsRaw) != 0 ? "raw" : null;
        }
    }

    private static void CheckTable(ImageReader reader, ImageFindings found)
    {
        uint clusters = reader.Head.U32Le(8);
        if (clusters > 16 || !uint.IsPow2(clusters))
        {
            found.Warn($"The table size of {clusters} clusters is not a power of two from 1 to 16.");
            return;
        }

        if (found.ClusterSize is not { } cluster)
        {
            return;
        }

        ulong offset = reader.Head.U64Le(40);
        ulong length = clusters * (ulong)cluster;
        if (!reader.Holds(offset, length))
        {
            found.Warn($"The L1 table of {length} bytes at {offset} is beyond the end of the image at {reader.Length}. The image is truncated or damaged.");
        }

        // Each entry of the L1 table refers to an L2 table of the same length, whose entries refer to one cluster each.
        UInt128 entries = length / sizeof(ulong);
        if (found.VirtualSize is { } size && entries * entries * (ulong)cluster < (ulong)size)
        {
            found.Warn($"Tables of {length} bytes are too small for a disk of {size} bytes.");
        }
    }

    private static async ValueTask<string?> BackingFileAsync(ImageReader reader, ImageFindings found, CancellationToken cancellationToken)
    {
        uint offset = reader.Head.U32Le(56);
        uint length = reader.Head.U32Le(60);
        if (length > LongestBackingFile)
        {
            found.Warn($"The name of the backing file has {length} bytes. The maximum is {LongestBackingFile}.");
        }

        int count = (int)Math.Min(length, LongestBackingFile);
        ImageBytes name = await reader.ReadAsync(offset, count, cancellationToken).ConfigureAwait(false);
        return found.IsWhole(name, count, "name of the backing file") ? name.Utf8(0, count) : null;
    }
}
