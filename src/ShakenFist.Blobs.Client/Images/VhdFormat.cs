using System.Globalization;
using System.Text;

namespace ShakenFist.Blobs.Images;

/// <summary>
/// Microsoft VHD, which qemu-img calls vpc: big-endian, described by a footer in the last 512 bytes. Dynamic images have a copy of it at the start. Fixed
/// images start with the first sector of the disk and are recognized only by the footer.
/// </summary>
internal static class VhdFormat
{
    public const int FooterLength = 512;

    private const int HeaderLength = 1024;
    private const int ChecksumOffset = 64;
    private const int HeaderChecksumOffset = 36;
    private const uint Fixed = 2;
    private const uint Dynamic = 3;
    private const uint Differencing = 4;

    private static readonly DateTime Epoch = new(2000, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    private static ReadOnlySpan<byte> Cookie => "conectix"u8;

    public static bool Matches(ImageBytes head) => head.Has(0, Cookie);

    /// <summary>Returns whether these are the last bytes of a fixed image.</summary>
    public static bool IsFooter(ImageBytes footer) => footer.Length == FooterLength && footer.Has(0, Cookie);

    public static async ValueTask DescribeAsync(ImageReader reader, ImageFindings found, CancellationToken cancellationToken)
    {
        ImageBytes footer = reader.Head.Part(0, FooterLength);
        DescribeFooter(footer, found);
        ImageBytes end = await reader.ReadEndAsync(FooterLength, cancellationToken).ConfigureAwait(false);
        if (!end.Has(0, Cookie))
        {
            found.Warn("There is no footer at the end of the image. The image is truncated, or data was appended to it.");
        }
        else if (!end.Span.SequenceEqual(footer.Span))
        {
            found.Warn("The footer at the end and its copy at the start are different.");
        }

        if (footer.Length == FooterLength && footer.U32Be(60) is Dynamic or Differencing)
        {
            ImageBytes header = await reader.ReadAsync(footer.U64Be(16), HeaderLength, cancellationToken).ConfigureAwait(false);
            DescribeDynamic(header, found);
        }
    }

    /// <summary>Adds the information of the footer.</summary>
    public static void DescribeFooter(ImageBytes footer, ImageFindings found)
    {
        found.FileFormat = "vpc";
        if (!found.IsWhole(footer, FooterLength, "footer"))
        {
            return;
        }

        found.Version = $"{footer.U16Be(12)}.{footer.U16Be(14)}";
        found.VirtualSize = found.Bytes(footer.U64Be(48), 1, "current size");
        uint type = footer.U32Be(60);
        found.AddDetail("Type", type switch { Fixed => "fixed", Dynamic => "dynamic", Differencing => "differencing", _ => type.ToString(CultureInfo.InvariantCulture) });
        if (type is < Fixed or > Differencing)
        {
            found.Warn($"Disk type {type} is not supported.");
        }

        found.AddDetail("Creator", Encoding.Latin1.GetString(footer.Part(28, 4).Span).TrimEnd('\0', ' '));
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

    /// <summary>The checksum is the complement of the sum of all other bytes.</summary>
    private static void CheckSum(ImageBytes bytes, int offset, string what, ImageFindings found)
    {
        uint sum = 0;
        for (int i = 0; i < bytes.Length; i++)
        {
            sum += i >= offset && i < offset + sizeof(uint) ? 0u : bytes[i];
        }

        if (bytes.U32Be(offset) != ~sum)
        {
            found.Warn($"The checksum of the {what} is not correct.");
        }
    }
}
