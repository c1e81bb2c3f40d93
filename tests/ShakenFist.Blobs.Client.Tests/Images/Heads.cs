using System.Text;

namespace ShakenFist.Blobs.Client.Tests.Images;

/// <summary>The first bytes of images, created from the specifications of the formats and without code of the module.</summary>
internal static class Heads
{
    public const long MiB = 1 << 20;
    public const long GiB = 1 << 30;

    /// <summary>One valid image of each format, with a name for the test report.</summary>
    public static IReadOnlyDictionary<string, Func<SparseImage>> All { get; } = new Dictionary<string, Func<SparseImage>>(StringComparer.Ordinal)
    {
        ["qcow2 v2"] = () => Qcow2(version: 2),
        ["qcow2 v3"] = () => Qcow2(backing: "base.qcow2"),
        ["qcow"] = () => Qcow("base.img"),
        ["vmdk"] = () => VmdkSparse(),
        ["vmdk at end"] = () => VmdkSparse(tablesAtEnd: true),
        ["vmdk text"] = () => VmdkText(),
        ["vmdk server"] = Cowd,
        ["qed"] = () => Qed("base.img"),
        ["parallels"] = () => Parallels(),
        ["vhdx"] = () => MicrosoftHeads.Vhdx(parent: "..\\base.vhdx"),
        ["vpc dynamic"] = () => MicrosoftHeads.VhdDynamic("base.vhd"),
        ["vpc fixed"] = () => MicrosoftHeads.VhdFixed(),
        ["vpc end only"] = () => MicrosoftHeads.VhdDynamic().Put(0, new byte[512]),
        ["vdi"] = () => Vdi(),
        ["luks"] = () => Luks(),
        ["iso"] = () => DiskHeads.Iso(),
        ["gpt"] = () => DiskHeads.Gpt(),
        ["mbr"] = () => DiskHeads.Mbr(),
        ["zstd"] = () => new SparseImage(1000).Put(0, [0x28, 0xb5, 0x2f, 0xfd]),
        ["raw"] = () => new SparseImage(5 * MiB).Put(1000, "nothing that anyone knows"),
    };

    /// <summary>qcow2: 64 KiB clusters, 20 GiB, tables in the clusters after the first.</summary>
    public static SparseImage Qcow2(uint version = 3, string? backing = null, string? format = "qcow2", uint clusterBits = 16, long length = 100 * GiB)
    {
        const ulong cluster = 65536;
        SparseImage image = new(length);
        image.Put(0, [0x51, 0x46, 0x49, 0xfb]).Be32(4, version).Be32(20, clusterBits).Be64(24, 20UL << 30);
        image.Be32(36, 40).Be64(40, 3 * cluster).Be64(48, cluster).Be32(56, 1);
        int at = 72;
        if (version == 3)
        {
            image.Be32(96, 4).Be32(100, 112);
            at = 112;
        }

        if (backing is not null)
        {
            if (format is not null)
            {
                image.Be32(at, 0xe2792aca).Be32(at + 4, (uint)format.Length).Put(at + 8, format);
            }

            image.Be64(8, 600).Be32(16, (uint)Encoding.UTF8.GetByteCount(backing)).Put(600, backing);
        }

        return image;
    }

    public static SparseImage Qcow(string? backing = null)
    {
        SparseImage image = new(GiB);
        image.Put(0, [0x51, 0x46, 0x49, 0xfb]).Be32(4, 1).Be64(24, 3UL << 30);
        image[32] = 12;
        image[33] = 9;
        image.Be64(40, 4096);
        return backing is null ? image : image.Be64(8, 48).Be32(16, (uint)backing.Length).Put(48, backing);
    }

    public const string VmdkDescription = """
        # Disk DescriptorFile
        version=1
        CID=0a1b2c3d
        parentCID=ffffffff
        createType="monolithicSparse"

        # Extent description
        RW 8388608 SPARSE "disk.vmdk"

        # The Disk Data Base
        #DDB
        ddb.adapterType = "lsilogic"
        ddb.virtualHWVersion = "13"

        """;

    /// <summary>A sparse extent of 4 GiB in grains of 64 KiB, with its descriptor in sector 1.</summary>
    public static SparseImage VmdkSparse(bool tablesAtEnd = false, string description = VmdkDescription)
    {
        SparseImage image = new(GiB);
        VmdkHeader(image, 0, capacity: tablesAtEnd ? 0UL : 8388608, directory: tablesAtEnd ? ulong.MaxValue : 26);
        image.Put(512, description);
        if (tablesAtEnd)
        {
            image.Le32(8, 0x30001).Le16(77, 1);
            VmdkHeader(image, GiB - 1024, capacity: 8388608, directory: 1000);
        }

        return image;
    }

    public static SparseImage VmdkText(string description = VmdkDescription) => SparseImage.Of(Encoding.UTF8.GetBytes(description));

    private static void VmdkHeader(SparseImage image, long at, ulong capacity, ulong directory) =>
        image.Put(at, "KDMV").Le32(at + 4, 1).Le32(at + 8, 1).Le64(at + 12, capacity).Le64(at + 20, 128).Le64(at + 28, 1).Le64(at + 36, 20)
            .Le32(at + 44, 512).Le64(at + 56, directory).Le64(at + 64, 128).Put(at + 73, "\n \r\n");

    /// <summary>A sparse extent of ESX: 64 GiB in grains of 64 KiB.</summary>
    public static SparseImage Cowd() =>
        new SparseImage(GiB).Put(0, "COWD").Le32(4, 1).Le32(8, 3).Le32(12, 64U << 21).Le32(16, 128).Le32(20, 4).Le32(24, 256).Le32(28, 100);

    /// <summary>QED: 5 GiB in clusters of 64 KiB, with tables of 4 clusters.</summary>
    public static SparseImage Qed(string? backing = null)
    {
        SparseImage image = new SparseImage(GiB).Put(0, "QED\0").Le32(4, 65536).Le32(8, 4).Le32(12, 1).Le64(40, 65536).Le64(48, 5UL << 30);
        return backing is null ? image : image.Le64(16, 1).Le32(56, 64).Le32(60, (uint)backing.Length).Put(64, backing);
    }

    /// <summary>Parallels: 8 GiB in blocks of 1 MiB.</summary>
    public static SparseImage Parallels(string magic = "WithouFreSpacExt") =>
        new SparseImage(GiB).Put(0, magic).Le32(16, 2).Le32(20, 16).Le32(24, 1).Le32(28, 2048).Le32(32, 8192).Le64(36, 8UL << 21).Le32(48, 2048);

    /// <summary>A dynamic VDI of 8 GiB in blocks of 1 MiB.</summary>
    public static SparseImage Vdi()
    {
        SparseImage image = new(GiB);
        image.Put(0, "<<< Oracle VM VirtualBox Disk Image >>>\n").Le32(0x40, 0xbeda107f).Le32(0x44, 0x00010001).Le32(0x48, 0x190).Le32(0x4c, 1);
        image.Put(0x54, "made by hand").Le32(0x154, 512).Le32(0x158, 1 << 20).Le32(0x168, 512).Le64(0x170, 8UL << 30).Le32(0x178, 1 << 20);
        return image.Le32(0x180, 8192).Le32(0x184, 100).Uuid(0x188, Known);
    }

    public static SparseImage Luks() => new SparseImage(100 * MiB).Put(0, "LUKS").Put(4, [0xba, 0xbe]).Be16(6, 1)
        .Put(8, "aes").Put(40, "xts-plain64").Put(72, "sha256").Be32(104, 4096).Put(168, "4a903f3d-7afb-47c4-8cb6-a0e0586f7f2a");

    public static Guid Known { get; } = new("11223344-5566-7788-99aa-bbccddeeff00");
}
