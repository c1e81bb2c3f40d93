using System.Globalization;

namespace ShakenFist.Blobs.Images;

/// <summary>QEMU qcow2, versions 2 and 3: a big-endian header, followed by extensions up to the end of the first cluster.</summary>
internal static class Qcow2Format
{
    private const int Version2Length = 72;
    private const int Version3Length = 104;
    private const int LongestBackingFile = 1023;
    private const uint MaxSnapshots = 65536;

    private const int DirtyBit = 0;
    private const int CorruptBit = 1;
    private const int CompressionBit = 3;
    private const int ExtendedL2Bit = 4;

    // In the order of their bits.
    private static readonly string[] Incompatible = ["dirty", "corrupt", "external data file", "compression type", "extended L2"];
    private static readonly string[] Compatible = ["lazy refcounts"];
    private static readonly string[] Autoclear = ["bitmaps", "raw external data"];

    public static bool Matches(ImageBytes head) => head.Has(0, "QFI"u8) && head[3] == 0xfb && head.U32Be(4) != 1;

    public static async ValueTask DescribeAsync(ImageReader reader, ImageFindings found, CancellationToken cancellationToken)
    {
        ImageBytes head = reader.Head;
        uint version = head.U32Be(4);
        found.FileFormat = "qcow2";
        found.Version = version.ToString(CultureInfo.InvariantCulture);
        if (version is not (2 or 3))
        {
            found.Warn($"qcow2 version {version} is not supported. The rest of the image was not read.");
            return;
        }

        if (!found.IsWhole(head, version == 2 ? Version2Length : Version3Length, "header"))
        {
            return;
        }

        found.VirtualSize = found.Bytes(head.U64Be(24), 1, "virtual size");
        found.ClusterSize = ClusterSize(head.U32Be(20), found);
        found.CompressionType = "zlib";
        found.Encryption = Encryption(head.U32Be(32), found);
        found.SnapshotCount = head.U32Be(60);
        if (found.SnapshotCount > MaxSnapshots)
        {
            found.Warn($"The header specifies {found.SnapshotCount} snapshots. The maximum is {MaxSnapshots}.");
        }

        int headerLength = version == 2 ? Version2Length : HeaderLength(head.U32Be(100), found);
        found.AddDetail("HeaderLength", headerLength);
        found.AddDetail("RefcountBits", version == 2 ? 16 : RefcountBits(head.U32Be(96), found));
        CheckTables(reader, found);

        ulong backing = head.U64Be(8);
        Qcow2Extensions extensions = Qcow2Extensions.Read(head, headerLength, EndOfExtensions(backing, headerLength, found), found);
        found.BackingFileFormat = extensions.BackingFileFormat;
        found.AddDetail("DataFile", extensions.DataFile);
        found.AddDetail("BitmapCount", extensions.BitmapCount);
        if (version == 3)
        {
            ReadFeatures(head, headerLength, extensions, found);
        }

        if (backing != 0)
        {
            found.BackingFile = await BackingFileAsync(reader, found, cancellationToken).ConfigureAwait(false);
        }
        else if (extensions.BackingFileFormat is not null)
        {
            found.Warn("The header specifies the format of a backing file, but no backing file.");
        }
    }

    private static long? ClusterSize(uint bits, ImageFindings found)
    {
        if (bits is >= 9 and <= 21)
        {
            return 1L << (int)bits;
        }

        found.Warn($"The header specifies {bits} cluster bits. The valid range is 9 to 21.");
        return null;
    }

    private static string? Encryption(uint method, ImageFindings found)
    {
        if (method > 2)
        {
            found.Warn($"Encryption method {method} is not supported.");
        }

        return method switch { 0 => null, 1 => "aes", 2 => "luks", _ => $"method {method}" };
    }

    private static int HeaderLength(uint length, ImageFindings found)
    {
        if (length is >= Version3Length and <= ImageReader.HeadBytes && length % 8 == 0)
        {
            return (int)length;
        }

        found.Warn($"The header length of {length} bytes is not valid. {Version3Length} bytes were read.");
        return Version3Length;
    }

    private static int? RefcountBits(uint order, ImageFindings found)
    {
        if (order <= 6)
        {
            return 1 << (int)order;
        }

        found.Warn($"The refcount order {order} is not valid. The maximum is 6.");
        return null;
    }

    /// <summary>If a copy was cut off, tables are beyond the end of the image.</summary>
    private static void CheckTables(ImageReader reader, ImageFindings found)
    {
        ImageBytes head = reader.Head;
        CheckTable(reader, found, "L1 table", head.U64Be(40), (ulong)head.U32Be(36) * sizeof(ulong));
        CheckReach(head, found);
        CheckTable(reader, found, "refcount table", head.U64Be(48), head.U32Be(56) * (ulong)(found.ClusterSize ?? 0));
        if (head.U32Be(60) > 0)
        {
            CheckTable(reader, found, "snapshot table", head.U64Be(64), 1);
        }
    }

    /// <summary>Each entry of the L1 table refers to one cluster of L2 entries, which are twice as long if they are extended.</summary>
    private static void CheckReach(ImageBytes head, ImageFindings found)
    {
        bool extended = head.U32Be(4) == 3 && Has(head.U64Be(72), ExtendedL2Bit);
        uint entries = head.U32Be(36);
        if (found is { VirtualSize: { } size, ClusterSize: { } cluster } && entries * (UInt128)(ulong)(cluster / (extended ? 16 : 8) * cluster) < (ulong)size)
        {
            found.Warn($"An L1 table of {entries} entries is too small for a disk of {size} bytes.");
        }
    }

    private static void CheckTable(ImageReader reader, ImageFindings found, string what, ulong offset, ulong length)
    {
        if (length > 0 && !reader.Holds(offset, length))
        {
            found.Warn($"The {what} of {length} bytes at {offset} is beyond the end of the image at {reader.Length}. The image is truncated or damaged.");
        }
        else if (found.ClusterSize is { } cluster && offset % (ulong)cluster != 0)
        {
            found.Warn($"The {what} at {offset} is not aligned to a cluster.");
        }
    }

    /// <summary>Extensions end before the name of the backing file, which can follow them in the first cluster.</summary>
    private static int EndOfExtensions(ulong backing, int headerLength, ImageFindings found)
    {
        long end = found.ClusterSize ?? ImageReader.HeadBytes;
        return (int)(backing >= (ulong)headerLength && backing < (ulong)end ? (long)backing : end);
    }

    private static void ReadFeatures(ImageBytes head, int headerLength, Qcow2Extensions extensions, ImageFindings found)
    {
        ulong incompatible = head.U64Be(72);
        NameFeatures(incompatible, "incompatible", Incompatible, type: 0, extensions, found);
        NameFeatures(head.U64Be(80), "compatible", Compatible, type: 1, extensions, found);
        NameFeatures(head.U64Be(88), "autoclear", Autoclear, type: 2, extensions, found);
        if (Has(incompatible, CorruptBit))
        {
            found.Warn("The image is marked as corrupt.");
        }

        if (Has(incompatible, DirtyBit))
        {
            found.Warn("The image is marked as dirty. It was not closed properly, and its refcounts can be wrong.");
        }

        if (incompatible >> Incompatible.Length != 0)
        {
            found.Warn("The image uses incompatible features that are not supported.");
        }

        byte compression = headerLength > Version3Length ? head[Version3Length] : (byte)0;
        found.CompressionType = compression switch { 0 => "zlib", 1 => "zstd", _ => $"type {compression}" };
        if (compression > 1)
        {
            found.Warn($"Compression type {compression} is not supported.");
        }

        if (Has(incompatible, CompressionBit) != (compression != 0))
        {
            found.Warn($"The compression type {compression} does not match the feature bit.");
        }
    }

    private static bool Has(ulong bits, int bit) => (bits >> bit & 1) != 0;

    private static void NameFeatures(ulong bits, string kind, string[] names, byte type, Qcow2Extensions extensions, ImageFindings found)
    {
        for (int bit = 0; bit < 64; bit++)
        {
            if (Has(bits, bit))
            {
                found.Features.Add(bit < names.Length ? names[bit] : extensions.FeatureNames.GetValueOrDefault((type, (byte)bit)) ?? $"{kind} feature {bit}");
            }
        }
    }

    private static async ValueTask<string?> BackingFileAsync(ImageReader reader, ImageFindings found, CancellationToken cancellationToken)
    {
        ulong offset = reader.Head.U64Be(8);
        uint length = reader.Head.U32Be(16);
        if (length == 0)
        {
            found.Warn("The name of the backing file is empty.");
            return null;
        }

        if (length > LongestBackingFile)
        {
            found.Warn($"The name of the backing file has {length} bytes. The maximum is {LongestBackingFile}.");
        }

        if (offset >= (ulong)(found.ClusterSize ?? ImageReader.MaxBytes))
        {
            found.Warn($"The name of the backing file at {offset} is outside the first cluster.");
            return null;
        }

        int count = (int)Math.Min(length, LongestBackingFile);
        ImageBytes name = await reader.ReadAsync(offset, count, cancellationToken).ConfigureAwait(false);
        return found.IsWhole(name, count, "name of the backing file") ? name.Utf8(0, count) : null;
    }
}
