using System.Text;

namespace ShakenFist.Blobs.Images;

/// <summary>ISO 9660: volume descriptors from the seventeenth sector, and optional parts: El Torito, Joliet, UDF, a partition table.</summary>
internal static class IsoFormat
{
    private const int SectorSize = 2048;
    private const int FirstDescriptor = 16 * SectorSize;

    private const byte BootRecord = 0;
    private const byte Primary = 1;
    private const byte Supplementary = 2;
    private const byte Terminator = 255;

    public static bool Matches(ImageBytes head) => head.Has(FirstDescriptor + 1, "CD001"u8);

    public static async ValueTask DescribeAsync(ImageReader reader, ImageFindings found, CancellationToken cancellationToken)
    {
        found.FileFormat = "iso";
        ImageBytes? primary = null;
        ImageBytes? boot = null;
        string? joliet = null;
        for (int at = FirstDescriptor; at < reader.Head.Length; at += SectorSize)
        {
            ImageBytes descriptor = reader.Head.Part(at, SectorSize);
            if (descriptor.Length < SectorSize || !descriptor.Has(1, "CD001"u8) || descriptor[0] == Terminator)
            {
                break;
            }

            primary ??= descriptor[0] == Primary ? descriptor : null;
            boot ??= descriptor[0] == BootRecord && descriptor.Has(7, "EL TORITO SPECIFICATION"u8) ? descriptor : null;
            joliet ??= descriptor[0] == Supplementary && IsJoliet(descriptor) ? descriptor.Utf16Be(40, 32).TrimEnd() : null;
        }

        if (primary is { } volume)
        {
            DescribeVolume(volume, reader, found);
        }
        else
        {
            found.Warn("There is no primary volume descriptor.");
        }

        if (joliet is not null)
        {
            found.Features.Add("Joliet");
            found.AddDetail("JolietLabel", joliet);
        }

        if (HasUdf(reader.Head))
        {
            found.Features.Add("UDF");
        }

        if (boot is { } record)
        {
            await DescribeBootAsync(record, reader, found, cancellationToken).ConfigureAwait(false);
        }

        await PartitionTable.DescribeAsync(reader, found, cancellationToken).ConfigureAwait(false);
    }

    private static void DescribeVolume(ImageBytes volume, ImageReader reader, ImageFindings found)
    {
        found.Label = Ascii(volume, 40, 32);
        ushort block = volume.U16Le(128);
        uint blocks = volume.U32Le(80);
        found.VirtualSize = found.Bytes(blocks, block, "volume");
        found.AddDetail("BlockSize", (int)block);
        found.AddDetail("BlockCount", (long)blocks);
        found.AddDetail("System", Ascii(volume, 8, 32));
        found.AddDetail("Publisher", Ascii(volume, 318, 128));
        found.AddDetail("Application", Ascii(volume, 574, 128));
        if (volume[6] != 1)
        {
            found.Warn($"Volume descriptor version {volume[6]} is not supported.");
        }

        if (blocks != volume.U32Be(84) || block != volume.U16Be(130))
        {
            found.Warn("The little-endian and big-endian values of the volume size are different.");
        }

        if (found.VirtualSize > reader.Length)
        {
            found.Warn($"The volume has {found.VirtualSize} bytes, but the image has only {reader.Length}. The image is truncated.");
        }
    }

    /// <summary>Reads the catalog: a validation entry, the default entry, and sections for other platforms.</summary>
    private static async ValueTask DescribeBootAsync(ImageBytes record, ImageReader reader, ImageFindings found, CancellationToken cancellationToken)
    {
        const byte Bootable = 0x88;
        found.Features.Add("El Torito");
        ulong at = (ulong)record.U32Le(71) * SectorSize;
        ImageBytes catalog = await reader.ReadAsync(at, SectorSize, cancellationToken).ConfigureAwait(false);
        if (catalog[0] != 1 || catalog[30] != 0x55 || catalog[31] != 0xaa)
        {
            found.Warn($"There is no boot catalog at {at}, which the boot record specifies.");
            return;
        }

        List<string> platforms = [];
        if (catalog[32] == Bootable)
        {
            platforms.Add(Platform(catalog[1]));
        }

        int entry = 64;
        while (catalog[entry] is 0x90 or 0x91)
        {
            int entries = catalog.U16Le(entry + 2);
            if (catalog[entry + 32] == Bootable)
            {
                platforms.Add(Platform(catalog[entry + 1]));
            }

            // Zeros after the catalog end the loop.
            entry += 32 * (1 + entries);
        }

        found.AddDetail("BootPlatforms", platforms.Distinct().ToArray());
    }

    private static string Platform(byte id) => id switch { 0 => "x86", 1 => "PowerPC", 2 => "Mac", 0xef => "EFI", _ => $"0x{id:x2}" };

    private static bool IsJoliet(ImageBytes descriptor) => descriptor[88] == '%' && descriptor[89] == '/' && descriptor[90] is (byte)'@' or (byte)'C' or (byte)'E';

    private static bool HasUdf(ImageBytes head)
    {
        for (int at = FirstDescriptor; at < head.Length; at += SectorSize)
        {
            if (head.Has(at + 1, "NSR02"u8) || head.Has(at + 1, "NSR03"u8))
            {
                return true;
            }
        }

        return false;
    }

    // The standard allows only capital letters and digits. Other characters are usually UTF-8.
    private static string Ascii(ImageBytes bytes, int offset, int count) => Encoding.UTF8.GetString(bytes.Part(offset, count).Span).TrimEnd('\0', ' ');
}
