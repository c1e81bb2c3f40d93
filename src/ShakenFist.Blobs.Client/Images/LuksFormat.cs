using System.Globalization;

namespace ShakenFist.Blobs.Images;

/// <summary>A disk encrypted by LUKS, version 1 or 2.</summary>
internal static class LuksFormat
{
    private const int SectorSize = 512;
    private const int Version1Length = 208;
    private const int Version2Length = 208;

    private static ReadOnlySpan<byte> Magic => [(byte)'L', (byte)'U', (byte)'K', (byte)'S', 0xba, 0xbe];

    public static bool Matches(ImageBytes head) => head.Has(0, Magic);

    public static ValueTask DescribeAsync(ImageReader reader, ImageFindings found, CancellationToken cancellationToken)
    {
        ImageBytes head = reader.Head;
        ushort version = head.U16Be(6);
        found.FileFormat = "luks";
        found.Version = version.ToString(CultureInfo.InvariantCulture);
        found.Encryption = "luks";
        if (version is not (1 or 2))
        {
            found.Warn($"LUKS version {version} is not supported.");
        }
        else if (version == 1 && found.IsWhole(head, Version1Length, "header"))
        {
            found.AddDetail("Cipher", head.Utf8(8, 32));
            found.AddDetail("CipherMode", head.Utf8(40, 32));
            found.AddDetail("HashName", head.Utf8(72, 32));
            found.AddDetail("Uuid", head.Utf8(168, 40));
            ReadPayload(reader, found, (ulong)head.U32Be(104) * SectorSize);
        }
        else if (version == 2 && found.IsWhole(head, Version2Length, "header"))
        {
            found.AddDetail("Label", head.Utf8(24, 48));
            found.AddDetail("Uuid", head.Utf8(168, 40));
        }

        return ValueTask.CompletedTask;
    }

    private static void ReadPayload(ImageReader reader, ImageFindings found, ulong offset)
    {
        if (reader.Holds(offset, 0))
        {
            found.VirtualSize = reader.Length - (long)offset;
        }
        else
        {
            found.Warn($"The encrypted data at {offset} is beyond the end of the image at {reader.Length}.");
        }
    }
}
