using System.Globalization;

namespace ShakenFist.Blobs.Images;

/// <summary>Microsoft VHDX: two headers, two region tables, and a metadata region that describes the disk.</summary>
internal static class VhdxFormat
{
    private const int Kilobyte = 1024;
    private const int HeaderLength = 4 * Kilobyte;
    private const int RegionTableLength = 64 * Kilobyte;
    private const int RegionEntryLength = 32;
    private const int MaxRegions = 2047;

    // Offsets of the copies of the header and the region table in the file.
    private const int Header1 = 64 * Kilobyte;
    private const int Header2 = 128 * Kilobyte;
    private const int RegionTable1 = 192 * Kilobyte;
    private const int RegionTable2 = 256 * Kilobyte;
    private const int CopiesLength = RegionTable2 - Header1;

    private static readonly Guid MetadataRegion = new("8b7ca206-4790-4b9a-b8fe-575f050f886e");

    public static bool Matches(ImageBytes head) => head.Has(0, "vhdxfile"u8);

    public static async ValueTask DescribeAsync(ImageReader reader, ImageFindings found, CancellationToken cancellationToken)
    {
        found.FileFormat = "vhdx";
        found.AddDetail("Creator", reader.Head.Utf16Le(8, 512));
        ImageBytes copies = await reader.ReadAsync(Header1, CopiesLength, cancellationToken).ConfigureAwait(false);
        if (!found.IsWhole(copies, CopiesLength, "headers"))
        {
            return;
        }

        ReadHeader(copies, found);
        ImageBytes regions = copies.Part(RegionTable1 - Header1, RegionTableLength);
        if (!IsGoodTable(regions))
        {
            found.Warn("The first region table is damaged.");
            regions = await reader.ReadAsync(RegionTable2, RegionTableLength, cancellationToken).ConfigureAwait(false);
            if (!IsGoodTable(regions))
            {
                found.Warn("The second region table is damaged as well. The rest of the image was not read.");
                return;
            }
        }

        if (MetadataOffset(regions) is not { } offset)
        {
            found.Warn("The region table contains no metadata entry.");
            return;
        }

        ImageBytes metadata = await reader.ReadAsync(offset, VhdxMetadata.ReadLength, cancellationToken).ConfigureAwait(false);
        VhdxMetadata.Describe(metadata, found);
    }

    /// <summary>The current header is the intact one with the higher sequence number.</summary>
    private static void ReadHeader(ImageBytes copies, ImageFindings found)
    {
        ImageBytes[] whole = [.. new[] { Header1, Header2 }.Select(at => copies.Part(at - Header1, HeaderLength)).Where(IsGoodHeader)];
        if (whole.Length == 0)
        {
            found.Warn("Both headers are damaged.");
            return;
        }

        ImageBytes header = whole.MaxBy(h => h.U64Le(8));
        ushort version = header.U16Le(66);
        found.Version = version.ToString(CultureInfo.InvariantCulture);
        if (version != 1)
        {
            found.Warn($"VHDX version {version} is not supported.");
        }

        if (header.Guid(48) != Guid.Empty)
        {
            found.Features.Add("log to replay");
            found.Warn("The image was not closed properly. Its log contains changes that have not been applied.");
        }
    }

    private static bool IsGoodHeader(ImageBytes header) => header.Has(0, "head"u8) && IsSumRight(header);

    private static bool IsGoodTable(ImageBytes table) =>
        table.Length == RegionTableLength && table.Has(0, "regi"u8) && table.U32Le(8) <= MaxRegions && IsSumRight(table);

    private static bool IsSumRight(ImageBytes bytes) => bytes.U32Le(4) == Checksum32.OfVhdx(bytes.Span, checksumOffset: 4);

    private static ulong? MetadataOffset(ImageBytes regions)
    {
        for (int i = 0; i < regions.U32Le(8); i++)
        {
            int entry = 16 + i * RegionEntryLength;
            if (regions.Guid(entry) == MetadataRegion)
            {
                return regions.U64Le(entry + 16);
            }
        }

        return null;
    }
}
