using System.Globalization;

namespace ShakenFist.Blobs.Images;

/// <summary>VirtualBox VDI: a line of text, followed by a little-endian header.</summary>
internal static class VdiFormat
{
    private const uint Signature = 0xbeda107f;
    private const int HeaderLength = 0x1c8;

    public static bool Matches(ImageBytes head) => head.U32Le(0x40) == Signature;

    public static ValueTask DescribeAsync(ImageReader reader, ImageFindings found, CancellationToken cancellationToken)
    {
        ImageBytes head = reader.Head;
        found.FileFormat = "vdi";
        found.Version = $"{head.U16Le(0x46)}.{head.U16Le(0x44)}";
        if (head.U16Le(0x46) != 1)
        {
            found.Warn($"VDI version {found.Version} is not supported. The rest of the image was not read.");
            return ValueTask.CompletedTask;
        }

        if (!found.IsWhole(head, HeaderLength, "header"))
        {
            return ValueTask.CompletedTask;
        }

        found.VirtualSize = found.Bytes(head.U64Le(0x170), 1, "disk size");
        found.ClusterSize = found.PowerOfTwo(head.U32Le(0x178), 512, 1L << 30, "block size");
        uint type = head.U32Le(0x4c);
        found.AddDetail("Type", type switch { 1 => "dynamic", 2 => "fixed", 3 => "undo", 4 => "differencing", _ => type.ToString(CultureInfo.InvariantCulture) });
        if (type is 0 or > 4)
        {
            found.Warn($"Image type {type} is not supported.");
        }

        found.AddDetail("Description", head.Utf8(0x54, 256));
        found.AddDetail("Uuid", head.Guid(0x188));
        Guid parent = head.Guid(0x1a8);
        if (parent != Guid.Empty)
        {
            // The parent is identified only by its UUID.
            found.Features.Add("parent");
            found.AddDetail("ParentUuid", parent);
        }

        CheckBlocks(head, found);
        ulong data = head.U32Le(0x158);
        if (!reader.Holds(data, 0))
        {
            found.Warn($"The data at {data} is beyond the end of the image at {reader.Length}.");
        }

        return ValueTask.CompletedTask;
    }

    private static void CheckBlocks(ImageBytes head, ImageFindings found)
    {
        uint blocks = head.U32Le(0x180);
        uint allocated = head.U32Le(0x184);
        found.AddDetail("BlockCount", (long)blocks);
        found.AddDetail("AllocatedBlockCount", (long)allocated);
        if (found.VirtualSize is { } size && found.ClusterSize is { } block && (UInt128)blocks * (ulong)block < (ulong)size)
        {
            found.Warn($"{blocks} blocks of {block} bytes are not enough for a disk of {size} bytes.");
        }

        if (allocated > blocks)
        {
            found.Warn($"The header specifies {allocated} allocated blocks, but only {blocks} blocks exist.");
        }
    }
}
