using System.Text;

namespace ShakenFist.Blobs.Client.Tests.Images;

/// <summary>The first bytes of raw disks with partition tables, and of CD-ROM images.</summary>
internal static class DiskHeads
{
    public static Guid EfiSystem { get; } = new("c12a7328-f81f-11d2-ba4b-00a0c93ec93b");

    public static Guid LinuxFilesystem { get; } = new("0fc63daf-8483-4772-8e79-3d69d8477de4");

    public static SparseImage Mbr(long length = 100 * Heads.GiB)
    {
        SparseImage image = new(length);
        image.Le32(440, 0xdeadbeef);
        MbrEntry(image, 0, type: 0x83, first: 2048, sectors: 1 << 20, active: true);
        MbrEntry(image, 1, type: 0x82, first: 2048 + (1 << 20), sectors: 1 << 16, active: false);
        return MbrEntry(image, 3, type: 0x4d, first: 4 << 20, sectors: 8, active: false);
    }

    public static SparseImage MbrEntry(SparseImage image, int index, byte type, uint first, uint sectors, bool active)
    {
        int at = 446 + (index * 16);
        image[at] = active ? (byte)0x80 : (byte)0;
        image[at + 4] = type;
        return image.Le32(at + 8, first).Le32(at + 12, sectors).Put(510, [0x55, 0xaa]);
    }

    /// <summary>A disk with a GPT with two partitions.</summary>
    public static SparseImage Gpt(int sector = 512, long length = 100 * Heads.GiB, uint entries = 128)
    {
        SparseImage image = new(length);
        MbrEntry(image, 0, type: 0xee, first: 1, sectors: uint.MaxValue, active: false);
        GptEntry(image, sector, 0, EfiSystem, first: 2048, last: 206847, "EFI", attributes: 0);
        GptEntry(image, sector, 4, LinuxFilesystem, first: 206848, last: 4194303, "root ✓", attributes: 4);
        image.Put(sector, "EFI PART").Le32(sector + 8, 0x00010000).Le32(sector + 12, 92).Le64(sector + 24, 1).Le64(sector + 32, (ulong)(length / sector - 1));
        image.Le64(sector + 40, 34).Le64(sector + 48, (ulong)(length / sector - 34)).Uuid(sector + 56, Heads.Known).Le64(sector + 72, 2);
        image.Le32(sector + 80, entries).Le32(sector + 84, 128);
        return SealGpt(image, sector, entries);
    }

    /// <summary>Corrects the checksums of the table and the header.</summary>
    public static SparseImage SealGpt(SparseImage image, int sector = 512, uint entries = 128)
    {
        image.Le32(sector + 88, MicrosoftHeads.Crc(image.Bytes(2 * sector, (int)entries * 128), 0xedb88320)).Le32(sector + 16, 0);
        return image.Le32(sector + 16, MicrosoftHeads.Crc(image.Bytes(sector, 92), 0xedb88320));
    }

    public static void GptEntry(SparseImage image, int sector, int index, Guid type, ulong first, ulong last, string name, ulong attributes)
    {
        long at = (2 * sector) + (index * 128);
        image.Uuid(at, type).Uuid(at + 16, new Guid(index, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)).Le64(at + 32, first).Le64(at + 40, last).Le64(at + 48, attributes);
        image.Put(at + 56, name, Encoding.Unicode);
    }

    /// <summary>An installation medium of 700 MB that boots with BIOS and EFI, with a primary and a Joliet volume descriptor.</summary>
    public static SparseImage Iso()
    {
        const int blocks = 350_000;
        SparseImage image = new(blocks * 2048L);
        long at = 16 * 2048;
        Descriptor(image, at, 1).Put(at + 8, "LINUX".PadRight(32)).Put(at + 40, "DEBIAN_13".PadRight(32));
        Sizes(image, at, blocks).Put(at + 318, "SOMEONE".PadRight(128)).Put(at + 574, "XORRISO".PadRight(128));
        at += 2048;
        Descriptor(image, at, 0).Put(at + 7, "EL TORITO SPECIFICATION").Le32(at + 71, 300);
        at += 2048;
        Sizes(Descriptor(image, at, 2), at, blocks).Put(at + 40, "Debian 13".PadRight(16), Encoding.BigEndianUnicode).Put(at + 88, "%/E");
        Descriptor(image, at + 2048, 255);

        const long catalog = 300 * 2048;
        image[catalog] = 1;
        image.Put(catalog + 30, [0x55, 0xaa]);
        image[catalog + 32] = 0x88;
        image.Put(catalog + 64, [0x91, 0xef, 1, 0]);
        image[catalog + 96] = 0x88;
        return image;
    }

    private static SparseImage Descriptor(SparseImage image, long at, byte type)
    {
        image[at] = type;
        image[at + 6] = 1;
        return image.Put(at + 1, "CD001");
    }

    private static SparseImage Sizes(SparseImage image, long at, uint blocks) =>
        image.Le32(at + 80, blocks).Be32(at + 84, blocks).Le16(at + 128, 2048).Be16(at + 130, 2048);
}
