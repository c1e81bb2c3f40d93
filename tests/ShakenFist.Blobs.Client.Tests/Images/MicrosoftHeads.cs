using System.Text;

namespace ShakenFist.Blobs.Client.Tests.Images;

/// <summary>The first bytes of VHD and VHDX images.</summary>
internal static class MicrosoftHeads
{
    private const long KiB = 1024;

    /// <summary>A dynamic VHD of 30 GiB in blocks of 2 MiB: footer, its copy at the start, and a dynamic header.</summary>
    public static SparseImage VhdDynamic(string? parent = null)
    {
        SparseImage image = new(Heads.GiB);
        Footer(image, 0, type: parent is null ? 3u : 4u, size: 30UL << 30, data: 512);
        image.Put(512, "cxsparse").Be64(520, ulong.MaxValue).Be64(528, 1536).Be32(536, 0x00010000).Be32(540, 15360).Be32(544, 2 << 20);
        if (parent is not null)
        {
            image.Uuid(552, Heads.Known, bigEndian: true).Put(576, parent, Encoding.BigEndianUnicode);
        }

        image.Be32(548, VhdSum(image.Bytes(512, 1024)));
        return image.Put(image.Length - 512, image.Bytes(0, 512));
    }

    /// <summary>A fixed VHD of 8 MiB: the disk, then the footer.</summary>
    public static SparseImage VhdFixed()
    {
        SparseImage image = new(8 * Heads.MiB + 512);
        Footer(image, 8 * Heads.MiB, type: 2, size: 8UL << 20, data: ulong.MaxValue);
        return DiskHeads.MbrEntry(image, 0, type: 0x83, first: 2048, sectors: 4096, active: true);
    }

    public static SparseImage Footer(SparseImage image, long at, uint type, ulong size, ulong data, uint created = 86400)
    {
        image.Put(at, "conectix").Be32(at + 8, 2).Be32(at + 12, 0x00010000).Be64(at + 16, data).Be32(at + 24, created);
        image.Put(at + 28, "win ").Be32(at + 32, 0x000a0000).Put(at + 36, "Wi2k").Be64(at + 40, size).Be64(at + 48, size);
        image.Be16(at + 56, 65535).Put(at + 58, [16, 255]).Be32(at + 60, type).Uuid(at + 68, Heads.Known, bigEndian: true);
        return Seal(image, at);
    }

    /// <summary>Corrects the checksum of a footer.</summary>
    public static SparseImage Seal(SparseImage image, long at) => image.Be32(at + 64, 0).Be32(at + 64, VhdSum(image.Bytes(at, 512)));

    /// <summary>A VHDX of 40 GiB in blocks of 32 MiB. Its second header is current, and its metadata is at 2 MiB.</summary>
    public static SparseImage Vhdx(string? parent = null, bool openLog = false)
    {
        SparseImage image = new(10 * Heads.GiB);
        image.Put(0, "vhdxfile").Put(8, "made by hand", Encoding.Unicode);
        Header(image, 64 * KiB, sequence: 7, version: 9, openLog: false);
        Header(image, 128 * KiB, sequence: 8, version: 1, openLog);
        RegionTable(image, 192 * KiB);
        RegionTable(image, 256 * KiB);

        const long region = 2 * Heads.MiB;
        image.Put(region, "metadata").Le16(region + 10, parent is null ? 4 : 5);
        Item(image, 0, "caa16737-fa36-4d43-b3b6-33f0aa44e76b", 64 * 1024, 8).Le32(region + (64 * KiB), 32 << 20).Le32(region + (64 * KiB) + 4, parent is null ? 0u : 2);
        Item(image, 1, "2fa54224-cd1b-4876-b211-5dbed83bf4b8", 64 * 1024 + 8, 8).Le64(region + (64 * KiB) + 8, 40UL << 30);
        Item(image, 2, "8141bf1d-a96f-4709-ba47-f233a8faab5f", 64 * 1024 + 16, 4).Le32(region + (64 * KiB) + 16, 512);
        Item(image, 3, "beca12ab-b2e6-4523-93ef-c309e000c746", 64 * 1024 + 24, 16).Uuid(region + (64 * KiB) + 24, Heads.Known);
        if (parent is not null)
        {
            Item(image, 4, "a8d35f2d-b30b-454d-abf7-d3d84834ab0c", 70 * 1024, 600);
            Locator(image, region + (70 * KiB), ("parent_linkage", "{" + Heads.Known + "}"), ("absolute_win32_path", "C:\\base.vhdx"), ("relative_path", parent));
        }

        return image;
    }

    public static void Header(SparseImage image, long at, ulong sequence, int version, bool openLog)
    {
        image.Put(at, "head").Le64(at + 8, sequence).Le16(at + 66, version).Uuid(at + 48, openLog ? Heads.Known : Guid.Empty);
        image.Le32(at + 4, 0).Le32(at + 4, Crc(image.Bytes(at, 4096), 0x82f63b78));
    }

    private static void RegionTable(SparseImage image, long at)
    {
        image.Put(at, "regi").Le32(at + 8, 2);
        image.Uuid(at + 16, new Guid("2dc27766-f623-4200-9d64-115e9bfd4a08")).Le64(at + 32, 3 << 20).Le32(at + 40, 1 << 20).Le32(at + 44, 1);
        image.Uuid(at + 48, new Guid("8b7ca206-4790-4b9a-b8fe-575f050f886e")).Le64(at + 64, 2 << 20).Le32(at + 72, 1 << 20).Le32(at + 76, 1);
        image.Le32(at + 4, Crc(image.Bytes(at, 65536), 0x82f63b78));
    }

    private static SparseImage Item(SparseImage image, int index, string id, uint offset, uint length)
    {
        long entry = 2 * Heads.MiB + 32 + index * 32;
        return image.Uuid(entry, new Guid(id)).Le32(entry + 16, offset).Le32(entry + 20, length);
    }

    private static void Locator(SparseImage image, long at, params (string Key, string Value)[] pairs)
    {
        image.Uuid(at, new Guid("b04aefb7-d19e-4a81-b789-25b8e9445913")).Le16(at + 18, pairs.Length);
        int text = 100;
        for (int i = 0; i < pairs.Length; i++)
        {
            long entry = at + 20 + i * 12;
            image.Le32(entry, (uint)text).Le16(entry + 8, pairs[i].Key.Length * 2).Put(at + text, pairs[i].Key, Encoding.Unicode);
            text += pairs[i].Key.Length * 2;
            image.Le32(entry + 4, (uint)text).Le16(entry + 10, pairs[i].Value.Length * 2).Put(at + text, pairs[i].Value, Encoding.Unicode);
            text += pairs[i].Value.Length * 2;
        }
    }

    /// <summary>The complement of the sum of the bytes, with zeros in the checksum field.</summary>
    private static uint VhdSum(byte[] bytes) => ~(uint)bytes.Sum(b => b);

    /// <summary>CRC-32 by a table, for a polynomial in reflected form.</summary>
    public static uint Crc(byte[] bytes, uint polynomial)
    {
        uint[] table = [.. Enumerable.Range(0, 256).Select(n => Enumerable.Range(0, 8).Aggregate((uint)n, (c, _) => c % 2 == 1 ? polynomial ^ (c / 2) : c / 2))];
        return ~bytes.Aggregate(~0u, (crc, b) => table[(byte)crc ^ b] ^ (crc / 256));
    }
}
