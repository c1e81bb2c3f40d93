namespace ShakenFist.Blobs.Client.Tests.Images;

public sealed class DiskTests
{
    [Theory]
    [InlineData(512)]
    [InlineData(4096)]
    public async Task The_partitions_of_a_gpt_are_reported(int sector)
    {
        SparseImage image = DiskHeads.Gpt(sector);
        SfImageInfo info = await Probe.Good(image);
        Assert.Equal("raw", info.FileFormat);
        Assert.Equal(100 * Heads.GiB, info.VirtualSize);
        Assert.Equal("gpt", info.Details["PartitionTable"]);
        Assert.Equal(Heads.Known, info.Details["DiskUuid"]);
        Assert.Equal(sector, info.Details["SectorSize"]);
        Assert.Equal(2, info.Partitions.Length);
        Assert.Equal(
            new SfImagePartition
            {
                Number = 1,
                Type = "EFI system",
                TypeId = DiskHeads.EfiSystem.ToString(),
                Name = "EFI",
                Uuid = new Guid(0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11),
                Offset = 2048L * sector,
                Size = 204800L * sector,
                IsBootable = true,
            },
            info.Partitions[0]);
        Assert.Equal(5, info.Partitions[1].Number);
        Assert.Equal("Linux filesystem", info.Partitions[1].Type);
        Assert.Equal("root ✓", info.Partitions[1].Name);
        Assert.True(info.Partitions[1].IsBootable);
        Assert.Equal("5: Linux filesystem", info.Partitions[1].ToString());
        Assert.Equal(2, image.Reads.Count);
    }

    [Fact]
    public async Task Partition_entries_at_another_position_require_one_more_read()
    {
        SparseImage image = new(Heads.GiB);
        DiskHeads.GptEntry(image, 512, 0, Guid.NewGuid(), 2048, 4095, "unknown type", 0);
        byte[] entries = image.Bytes(1024, 128 * 128);
        SparseImage moved = DiskHeads.Gpt(length: Heads.GiB);
        moved.Put(1 << 20, entries).Le64(512 + 72, (1 << 20) / 512).Le32(512 + 88, MicrosoftHeads.Crc(entries, 0xedb88320)).Le32(512 + 16, 0);
        moved.Le32(512 + 16, MicrosoftHeads.Crc(moved.Bytes(512, 92), 0xedb88320));
        SfImagePartition partition = Assert.Single((await Probe.Good(moved)).Partitions);
        Assert.Equal("unknown type", partition.Name);
        Assert.Equal(partition.TypeId, partition.Type);
        Assert.Contains((1L << 20, 128 * 128), moved.Reads);
    }

    [Theory]
    [InlineData(512 + 12, 10000, "header length of 10000 bytes")]
    [InlineData(512 + 60, 1, "checksum of the partition table header")]
    [InlineData(512 + 32, 0xffffffff, "truncated")]
    [InlineData(512 + 72, 0xffffffff, "are beyond the end of the image")]
    [InlineData(512 + 76, 0xffffffff, "are beyond the end of the image")]
    [InlineData(512 + 80, 0xffffffff, "are beyond the end of the image")]
    [InlineData(512 + 80, 1000, "Only the first 512")]
    [InlineData(512 + 84, 64, "entry length of 64 bytes")]
    [InlineData(512 + 84, 0xffffff00, "entry length of 4294967040 bytes")]
    [InlineData(1024 + 64, 7, "checksum of the partition table entries")]
    public async Task Damage_to_a_gpt_is_reported(int offset, uint value, string warning)
    {
        SfImageInfo info = await Probe.Of(DiskHeads.Gpt().Le32(offset, value));
        Assert.Equal("raw", info.FileFormat);
        Assert.Contains(info.Warnings, w => w.Contains(warning, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(206848, 1, "Partition 5 ends before it starts")]
    [InlineData(0, ulong.MaxValue, "Partition 5 extends beyond")]
    [InlineData(2048, 1UL << 40, "Partition 5 extends beyond")]
    public async Task An_impossible_partition_is_reported(ulong first, ulong last, string warning)
    {
        SparseImage image = DiskHeads.Gpt();
        DiskHeads.GptEntry(image, 512, 4, DiskHeads.LinuxFilesystem, first, last, "x", 0);
        Assert.Contains(warning, await Probe.OnlyWarning(DiskHeads.SealGpt(image), "raw"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_partitions_of_an_mbr_are_reported()
    {
        SfImageInfo info = await Probe.Good(DiskHeads.Mbr());
        Assert.Equal("mbr", info.Details["PartitionTable"]);
        Assert.Equal("deadbeef", info.Details["DiskId"]);
        Assert.Equal([1, 2, 4], info.Partitions.Select(p => p.Number));
        Assert.Equal(["Linux filesystem", "Linux swap", "0x4d"], info.Partitions.Select(p => p.Type));
        Assert.Equal(["0x83", "0x82", "0x4d"], info.Partitions.Select(p => p.TypeId));
        Assert.Equal([true, false, false], info.Partitions.Select(p => p.IsBootable));
        Assert.Equal(Heads.MiB, info.Partitions[0].Offset);
        Assert.Equal(512 * Heads.MiB, info.Partitions[0].Size);
    }

    [Fact]
    public async Task Logical_partitions_are_announced_and_not_read()
    {
        SparseImage image = DiskHeads.MbrEntry(DiskHeads.Mbr(), 1, type: 0x05, first: 4 << 20, sectors: 1 << 20, active: false);
        SfImageInfo info = await Probe.Good(image);
        Assert.Equal("Extended", info.Partitions[1].Type);
        Assert.Contains("logical partitions, not read", info.Features);
    }

    [Fact]
    public async Task A_boot_sector_without_a_table_has_no_partitions()
    {
        SparseImage image = new SparseImage(Heads.GiB).Put(510, [0x55, 0xaa]);
        Assert.Empty((await Probe.Good(image)).Partitions);
        image.Put(440, "Error loading operating system");
        Assert.Empty((await Probe.Good(image)).Partitions);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 512)]
    [InlineData(512, 512)]
    [InlineData(1_000_000, 1_000_448)]
    [InlineData(long.MaxValue, long.MaxValue)]
    public async Task An_unknown_format_is_raw(long length, long virtualSize)
    {
        SfImageInfo info = await Probe.Good(new SparseImage(length));
        Assert.Equal("raw", info.FileFormat);
        Assert.Equal(virtualSize, info.VirtualSize);
        Assert.Equal(length, info.Size);
        Assert.Empty(info.Details);
    }

    [Fact]
    public async Task The_label_and_boot_record_of_an_iso_are_reported()
    {
        SparseImage image = DiskHeads.Iso();
        SfImageInfo info = await Probe.Good(image);
        Assert.Equal("iso", info.FileFormat);
        Assert.Equal("DEBIAN_13", info.Label);
        Assert.Equal(350_000L * 2048, info.VirtualSize);
        Assert.Equal(["Joliet", "El Torito"], info.Features);
        Assert.Equal("Debian 13", info.Details["JolietLabel"]);
        Assert.Equal("LINUX", info.Details["System"]);
        Assert.Equal("SOMEONE", info.Details["Publisher"]);
        Assert.Equal("XORRISO", info.Details["Application"]);
        Assert.Equal(["x86", "EFI"], Assert.IsType<string[]>(info.Details["BootPlatforms"]));
        Assert.Equal(2, image.Reads.Count);
    }

    [Fact]
    public async Task The_partitions_of_a_hybrid_iso_are_reported()
    {
        SparseImage image = DiskHeads.MbrEntry(DiskHeads.Iso(), 1, type: 0xef, first: 1000, sectors: 8000, active: false);
        SfImageInfo info = await Probe.Good(image);
        Assert.Equal("iso", info.FileFormat);
        Assert.Equal("EFI system", Assert.Single(info.Partitions).Type);
    }

    [Theory]
    [InlineData(32768, 3, "no primary volume")]
    [InlineData(32768 + 6, 9, "descriptor version 9")]
    [InlineData(32768 + 83, 1, "are different")]
    [InlineData(32768 + 128, 1, "are different")]
    [InlineData(34816 + 74, 1, "no boot catalog")]
    [InlineData(300 * 2048 + 30, 0, "no boot catalog at 614400")]
    public async Task Damage_to_an_iso_is_reported(int at, byte value, string warning)
    {
        SparseImage image = DiskHeads.Iso();
        image[at] = value;
        SfImageInfo info = await Probe.Of(image);
        Assert.Equal("iso", info.FileFormat);
        Assert.Contains(info.Warnings, w => w.Contains(warning, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_truncated_iso_is_reported()
    {
        SparseImage image = DiskHeads.Iso();
        image.Length -= 1;
        Assert.Contains("truncated", await Probe.OnlyWarning(image, "iso"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1f8b0800", "gzip")]
    [InlineData("fd377a585a00", "xz")]
    [InlineData("28b52ffd", "zstd")]
    [InlineData("425a6839314159265359", "bzip2")]
    public async Task The_format_of_a_compressed_file_is_its_compression(string start, string name)
    {
        SfImageInfo info = await Probe.Good(new SparseImage(1000).Put(0, Convert.FromHexString(start)));
        Assert.Equal(name, info.FileFormat);
        Assert.Equal(name, info.CompressionType);
        Assert.Null(info.VirtualSize);
    }

    [Fact]
    public async Task A_luks_disk_is_recognized_by_its_header()
    {
        SfImageInfo info = await Probe.Good(Heads.Luks());
        Assert.Equal("luks", info.FileFormat);
        Assert.Equal("1", info.Version);
        Assert.Equal("luks", info.Encryption);
        Assert.Equal(98 * Heads.MiB, info.VirtualSize);
        Assert.Equal("xts-plain64", info.Details["CipherMode"]);
        Assert.Contains("is beyond", await Probe.OnlyWarning(Heads.Luks().Be32(104, uint.MaxValue), "luks"), StringComparison.Ordinal);
        Assert.Contains("LUKS version 3", await Probe.OnlyWarning(Heads.Luks().Be16(6, 3), "luks"), StringComparison.Ordinal);
        Assert.Null((await Probe.Good(Heads.Luks().Be16(6, 2))).VirtualSize);
    }
}
