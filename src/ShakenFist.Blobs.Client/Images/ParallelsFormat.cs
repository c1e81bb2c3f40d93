using System.Globalization;

namespace ShakenFist.Blobs.Images;

/// <summary>Parallels HDD: a little-endian header, followed by the block allocation table. Its parent is specified only in another file.</summary>
internal static class ParallelsFormat
{
    private const int HeaderLength = 64;
    private const int SectorSize = 512;
    private const uint InUse = 0x746f6e59;

    private static ReadOnlySpan<byte> OldMagic => "WithoutFreeSpace"u8;

    private static ReadOnlySpan<byte> NewMagic => "WithouFreSpacExt"u8;

    public static bool Matches(ImageBytes head) => head.Has(0, OldMagic) || head.Has(0, NewMagic);

    public static ValueTask DescribeAsync(ImageReader reader, ImageFindings found, CancellationToken cancellationToken)
    {
        ImageBytes head = reader.Head;
        found.FileFormat = "parallels";
        uint version = head.U32Le(16);
        found.Version = version.ToString(CultureInfo.InvariantCulture);
        if (version != 2)
        {
            found.Warn($"Parallels version {version} is not supported.");
        }

        if (!found.IsWhole(head, HeaderLength, "header"))
        {
            return ValueTask.CompletedTask;
        }

        // Images of the older kind have other content in the upper half.
        ulong sectors = head.Has(0, OldMagic) ? head.U32Le(36) : head.U64Le(36);
        found.VirtualSize = found.Bytes(sectors, SectorSize, "disk size");
        CheckBlocks(reader, sectors, found);
        if (head.U32Le(44) == InUse)
        {
            found.Features.Add("dirty");
            found.Warn("The image was not closed properly, or it was in use when it was copied.");
        }

        return ValueTask.CompletedTask;
    }

    private static void CheckBlocks(ImageReader reader, ulong sectors, ImageFindings found)
    {
        uint block = reader.Head.U32Le(28);
        if (block == 0)
        {
            found.Warn("The block size of 0 bytes is not valid.");
            return;
        }

        found.ClusterSize = (long)block * SectorSize;
        uint entries = reader.Head.U32Le(32);
        if (!reader.Holds(HeaderLength, entries * (ulong)sizeof(uint)))
        {
            found.Warn($"The block allocation table of {entries} entries is beyond the end of the image at {reader.Length}. The image is truncated or damaged.");
        }

        if ((UInt128)entries * block < sectors)
        {
            found.Warn($"{entries} blocks of {found.ClusterSize} bytes are not enough for a disk of {found.VirtualSize} bytes.");
        }
    }
}
