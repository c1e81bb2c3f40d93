using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace ShakenFist.Blobs.Emulator;

/// <summary>The properties that qemu-img info and libmagic report for a file, in the format of the record.</summary>
internal static class ImageInfo
{
    private const string Iso9660 = "CD001";
    private const int IsoVolumeDescriptor = 0x8001;

    public static JsonObject Describe(BlobContent content)
    {
        byte[] head = new byte[(int)Math.Min(content.Length, IsoVolumeDescriptor + Iso9660.Length)];
        content.Read(0, head);
        var info = new JsonObject { ["disk size"] = HumanSize(content.Length) };
        if (head.Length >= 32 && IsQcow2(head))
        {
            DescribeQcow2(info, head);
        }
        else
        {
            info["file format"] = "raw";
            info["mime-type"] = MimeType(head);
            info["virtual size"] = (double)((content.Length + 511) / 512 * 512);
        }

        return info;
    }

    private static bool IsQcow2(ReadOnlySpan<byte> head) => head[0] == 'Q' && head[1] == 'F' && head[2] == 'I' && head[3] == 0xfb;

    private static void DescribeQcow2(JsonObject info, ReadOnlySpan<byte> head)
    {
        uint version = BinaryPrimitives.ReadUInt32BigEndian(head[4..]);
        ulong backing = BinaryPrimitives.ReadUInt64BigEndian(head[8..]);
        int backingLength = (int)BinaryPrimitives.ReadUInt32BigEndian(head[16..]);
        if (backing > 0 && backing + (ulong)backingLength <= (ulong)head.Length)
        {
            string name = Encoding.UTF8.GetString(head.Slice((int)backing, backingLength));
            info["backing file"] = $"{name} (actual path: /srv/shakenfist/blobs/{name})";
            info["backing file format"] = "qcow2";
        }

        info["cluster_size"] = (double)(1L << (int)BinaryPrimitives.ReadUInt32BigEndian(head[20..]));
        info["compat"] = version >= 3 ? 1.1 : 0.1;
        info["compression type"] = "zlib";
        info["extended l2"] = "false";
        info["file format"] = "qcow2";
        info["mime-type"] = "application/x-qemu-disk";
        info["virtual size"] = (double)BinaryPrimitives.ReadUInt64BigEndian(head[24..]);
    }

    private static string MimeType(ReadOnlySpan<byte> head)
    {
        if (head.Length > IsoVolumeDescriptor && head[IsoVolumeDescriptor..].SequenceEqual("CD001"u8))
        {
            return "application/x-iso9660-image";
        }

        ReadOnlySpan<byte> start = head[..Math.Min(head.Length, 1024)];
        return start.IsEmpty ? "application/x-empty"
            : start.IndexOfAnyInRange((byte)0, (byte)8) < 0 && start.IndexOfAnyExceptInRange((byte)9, (byte)126) < 0 ? "text/plain"
            : "application/octet-stream";
    }

    /// <summary>Formats a size like qemu-img, in whole blocks of 4 KiB, such as 4 KiB or 3.31 GiB.</summary>
    private static string HumanSize(long length)
    {
        double size = (length + 4095) / 4096 * 4.0;
        string[] units = ["KiB", "MiB", "GiB", "TiB"];
        int unit = 0;
        for (; size >= 1000 && unit < units.Length - 1; unit++)
        {
            size /= 1024;
        }

        return string.Create(CultureInfo.InvariantCulture, $"{(size >= 100 ? Math.Round(size) : Math.Round(size, 2)):0.##} {units[unit]}");
    }
}
