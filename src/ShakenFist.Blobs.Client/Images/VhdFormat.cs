using System.Globalization;
using System.Text;

namespace ShakenFist.Blobs.Images;

/// <summary>
/// Microsoft VHD, which qemu-img calls vpc: big-endian, described by a footer at the end. Dynamic images have a copy of it at the start. Fixed
/// images start with the first sector of the disk and are recognized only by the footer.
/// </summary>
internal static class VhdFormat
{
    public const int FooterLength = 512;

    private const int ShortFooterLength = 511;
    private const int SectorSize = 512;
    private const ulong MaxGeometry = 65535 * 16 * 255;
    private const int HeaderLength = 1024;
    private const int CreatorOffset = 28;
    private const int CurrentSizeOffset = 48;
    private const int TypeOffset = 60;
    private const int ChecksumOffset = 64;
    private const int HeaderChecksumOffset = 36;
    private const uint Fixed = 2;
    private const uint Dynamic = 3;
    private const uint Differencing = 4;

    // Hyper-V, qemu-img with force_size, Disk2vhd, and Xen.
    private static readonly string[] SizedByCurrentSize = ["win ", "qem2", "d2v ", "tap\0", "CTXS"];

    private static readonly DateTime Epoch = new(2000, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    private static ReadOnlySpan<byte> Cookie => "conectix"u8;

    public static bool Matches(ImageBytes head) => head.Has(0, Cookie);

    /// <summary>Gets the footer in the last bytes of an image. Empty if there is none. Old programs wrote footers that are one byte shorter.</summary>
    public static ImageBytes FooterIn(ImageBytes end) =>
        end.Has(0, Cookie) ? end : end.Length == FooterLength && end.Has(1, Cookie) ? end.Part(1, ShortFooterLength) : default;

    /// <summary>Returns whether the disk is not stored as it is.</summary>
    public static bool IsDynamic(ImageBytes footer) => footer.U32Be(TypeOffset) is Dynamic or Differencing;

    public static async ValueTask DescribeAsync(ImageReader reader, ImageFindings found, CancellationToken cancellationToken)
    {
        ImageBytes end = await reader.ReadEndAsync(FooterLength, cancellationToken).ConfigureAwait(false);
        await DescribeAsync(reader, end, found, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Describes an image with a footer in its last bytes, in its first bytes, or both.</summary>
    public static async ValueTask DescribeAsync(ImageReader reader, ImageBytes end, ImageFindings found, CancellationToken cancellationToken)
    {
        ImageBytes copy = Matches(reader.Head) ? reader.Head.Part(0, FooterLength) : default;
        ImageBytes footer = Select(copy, FooterIn(end), found);
        DescribeFooter(footer, found);
        if (IsDynamic(footer))
        {
            ImageBytes header = await reader.ReadAsync(footer.U64Be(16), HeaderLength, cancellationToken).ConfigureAwait(false);
            DescribeDynamic(header, found);
        }
        else if (copy.Length == 0 && footer.U64Be(CurrentSizeOffset) != (ulong)(reader.Length - footer.Length))
        {
            found.Warn($"The footer specifies a disk of {footer.U64Be(CurrentSizeOffset)} bytes, but {reader.Length - footer.Length} bytes precede it.");
        }
    }

    /// <summary>Selects the footer or its copy. If they are different, the one with a correct checksum is used.</summary>
    private static ImageBytes Select(ImageBytes copy, ImageBytes footer, ImageFindings found)
    {
        if (copy.Length == 0)
        {
            if (IsDynamic(footer))
            {
                found.Warn("The copy of the footer at the start is missing. The footer at the end was used.");
            }

            return footer;
        }

        if (footer.Length == 0)
        {
            found.Warn("There is no footer at the end of the image. The image is truncated, or data was appended to it.");
            return copy;
        }

        if (footer.Part(0, ShortFooterLength).Span.SequenceEqual(copy.Part(0, ShortFooterLength).Span))
        {
            return copy;
        }

        switch (IsSumRight(copy, ChecksumOffset), IsSumRight(footer, ChecksumOffset))
        {
            case (true, false):
                found.Warn("The footer at the end is damaged. Its copy at the start was used.");
                return copy;
            case (false, true):
                found.Warn("The copy of the footer at the start is damaged. The footer at the end was used.");
                return footer;
            default:
                found.Warn("The footer at the end and its copy at the start are different. The copy was used.");
                return copy;
        }
    }

    private static void DescribeFooter(ImageBytes footer, ImageFindings found)
    {
        found.FileFormat = "vpc";
        if (!found.IsWhole(footer, ShortFooterLength, "footer"))
        {
            return;
        }

        found.Version = $"{footer.U16Be(12)}.{footer.U16Be(14)}";
        found.VirtualSize = found.Bytes(Size(footer), 1, "current size");
        uint type = footer.U32Be(TypeOffset);
        found.AddDetail("Type", type switch { Fixed => "fixed", Dynamic => "dynamic", Differencing => "differencing", _ => type.ToString(CultureInfo.InvariantCulture) });
        if (type is < Fixed or > Differencing)
        {
            found.Warn($"Disk type {type} is not supported.");
        }

        found.AddDetail("Creator", Encoding.Latin1.GetString(footer.Part(CreatorOffset, 4).Span).TrimEnd('\0', ' '));
        found.AddDetail("CreatorVersion", $"{footer.U16Be(32)}.{footer.U16Be(34)}");
        found.AddDetail("Created", Epoch.AddSeconds(footer.U32Be(24)).ToLocalTime());
        found.AddDetail("Geometry", $"{footer.U16Be(56)}/{footer[58]}/{footer[59]}");
        found.AddDetail("Uuid", footer.GuidBe(68));
        if (footer[84] != 0)
        {
            found.Features.Add("saved state");
        }

        CheckSum(footer, ChecksumOffset, "footer", found);
    }

    /// <summary>
    /// Gets the size of the disk. As for qemu-img, it is determined by the geometry, unless the geometry is the largest or the program that created the image uses the
    /// current size.
    /// </summary>
    private static ulong Size(ImageBytes footer)
    {
        ulong sectors = (ulong)footer.U16Be(56) * footer[58] * footer[59];
        return sectors is 0 or MaxGeometry || SizedByCurrentSize.Contains(Encoding.Latin1.GetString(footer.Part(CreatorOffset, 4).Span))
            ? footer.U64Be(CurrentSizeOffset)
            : sectors * SectorSize;
    }

    private static void DescribeDynamic(ImageBytes header, ImageFindings found)
    {
        if (!found.IsWhole(header, HeaderLength, "dynamic disk header"))
        {
            return;
        }

        if (!header.Has(0, "cxsparse"u8))
        {
            found.Warn("The dynamic disk header is not at the offset that the footer specifies.");
            return;
        }

        found.ClusterSize = found.PowerOfTwo(header.U32Be(32), 512, 1L << 30, "block size");
        uint entries = header.U32Be(28);
        if (found.VirtualSize is { } size && found.ClusterSize is { } block && (UInt128)entries * (ulong)block < (ulong)size)
        {
            found.Warn($"{entries} blocks of {block} bytes are not enough for a disk of {size} bytes.");
        }

        if (header.GuidBe(40) is { } parent && parent != Guid.Empty)
        {
            found.BackingFile = header.Utf16Be(64, 512);
            found.BackingFileFormat = "vpc";
            found.AddDetail("ParentUuid", parent);
        }

        CheckSum(header, HeaderChecksumOffset, "dynamic disk header", found);
    }

    private static void CheckSum(ImageBytes bytes, int offset, string what, ImageFindings found)
    {
        if (!IsSumRight(bytes, offset))
        {
            found.Warn($"The checksum of the {what} is not correct.");
        }
    }

    /// <summary>The checksum is the complement of the sum of all other bytes.</summary>
    private static bool IsSumRight(ImageBytes bytes, int offset)
    {
        uint sum = 0;
        for (int i = 0; i < bytes.Length; i++)
        {
            sum += i >= offset && i < offset + sizeof(uint) ? 0u : bytes[i];
        }

        return bytes.U32Be(offset) == ~sum;
    }
}
