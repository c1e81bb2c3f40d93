namespace ShakenFist.Blobs.Client.Tests.Images;

public sealed class VmdkAndVdiTests
{
    [Fact]
    public async Task A_sparse_vmdk_is_described_by_its_header_and_the_text_inside()
    {
        SparseImage image = Heads.VmdkSparse();
        SfImageInfo info = await Probe.Good(image);
        Assert.Equal("vmdk", info.FileFormat);
        Assert.Equal("1", info.Version);
        Assert.Equal(4 * Heads.GiB, info.VirtualSize);
        Assert.Equal(65536, info.ClusterSize);
        Assert.Null(info.BackingFile);
        Assert.Null(info.BackingFileFormat);
        Assert.Null(info.CompressionType);
        Assert.Equal("monolithicSparse", info.Details["CreateType"]);
        Assert.Equal("0a1b2c3d", info.Details["Cid"]);
        Assert.Equal("lsilogic", info.Details["AdapterType"]);
        Assert.Equal(["RW 8388608 SPARSE \"disk.vmdk\""], Assert.IsType<string[]>(info.Details["Extents"]));
        Assert.Single(image.Reads);
    }

    [Fact]
    public async Task A_stream_optimized_one_has_its_capacity_in_the_footer()
    {
        SparseImage image = Heads.VmdkSparse(tablesAtEnd: true);
        SfImageInfo info = await Probe.Good(image);
        Assert.Equal(4 * Heads.GiB, info.VirtualSize);
        Assert.Equal("deflate", info.CompressionType);
        Assert.Contains("markers", info.Features);
        Assert.Equal(2, image.Reads.Count);
        image.Length -= 512;
        Assert.Contains((await Probe.Of(image)).Warnings, w => w.Contains("truncated", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_parent_is_reported()
    {
        string child = Heads.VmdkDescription.Replace("parentCID=ffffffff", "parentCID=12345678\nparentFileNameHint=\"../base disk.vmdk\"", StringComparison.Ordinal);
        SfImageInfo info = await Probe.Good(Heads.VmdkSparse(description: child));
        Assert.Equal("../base disk.vmdk", info.BackingFile);
        Assert.Equal("vmdk", info.BackingFileFormat);
        Assert.Equal("12345678", info.Details["ParentCid"]);
        string nameless = Heads.VmdkDescription.Replace("parentCID=ffffffff", "parentCID=12345678", StringComparison.Ordinal);
        Assert.Contains("does not contain", await Probe.OnlyWarning(Heads.VmdkSparse(description: nameless), "vmdk"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_size_of_a_separate_descriptor_is_the_sum_of_its_extents()
    {
        string two = Heads.VmdkDescription.Replace("RW 8388608 SPARSE \"disk.vmdk\"", "RW 4192256 SPARSE \"a b.vmdk\"\r\nRDONLY 100 FLAT \"c.vmdk\" 0", StringComparison.Ordinal);
        SfImageInfo info = await Probe.Good(Heads.VmdkText(two));
        Assert.Equal("vmdk", info.FileFormat);
        Assert.Equal("1", info.Version);
        Assert.Equal(4192356L * 512, info.VirtualSize);
        Assert.Contains("data in other files", info.Features);
        Assert.Equal(["RW 4192256 SPARSE \"a b.vmdk\"", "RDONLY 100 FLAT \"c.vmdk\" 0"], Assert.IsType<string[]>(info.Details["Extents"]));
    }

    [Theory]
    [InlineData(4, 9, "Sparse extent version 9")]
    [InlineData(12, 1, "extents in the descriptor contain 4294967296 bytes, but the header specifies 512")]
    [InlineData(16, 0xffffffff, "capacity")]
    [InlineData(20, 3, "grain of 1536 bytes")]
    [InlineData(24, 0xffffffff, "grain of 18446744073709551615 bytes")]
    [InlineData(28, 2, "Sector 2, which the header specifies, contains no descriptor")]
    [InlineData(32, 0xffffffff, "contains no descriptor")]
    [InlineData(56, 0x7fffffff, "grain directory in sector 2147483647")]
    [InlineData(60, 0xfffffff0, "grain directory")]
    [InlineData(72, 0x0a0a0a00, "copied as text")]
    public async Task An_impossible_field_of_a_vmdk_causes_a_warning(int offset, uint value, string warning) =>
        Assert.Contains(warning, await Probe.OnlyWarning(Heads.VmdkSparse().Put(1100, "x").Le32(offset, value), "vmdk"), StringComparison.Ordinal);

    [Theory]
    [InlineData("# Disk DescriptorFile\n", "type of the disk")]
    [InlineData("# Disk DescriptorFile\ncreateType=\"custom\"\nRW 18446744073709551615 FLAT \"x\"\nRW 18446744073709551615 FLAT \"y\"\n", null)]
    [InlineData("# disk descriptorfile\ncreateType=\"custom\"\nRW 18446744073709551615 FLAT \"x\"\n", "sum of the extents")]
    public async Task An_invalid_descriptor_is_still_recognized(string text, string? warning)
    {
        SfImageInfo info = await Probe.Of(Heads.VmdkText(text));
        Assert.Equal("vmdk", info.FileFormat);
        Assert.True(info.VirtualSize is null or 0);
        Assert.Equal(warning is null ? 0 : 1, info.Warnings.Count(w => w.Contains(warning ?? "", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("#Disk DescriptorFile\n")]
    [InlineData("# Disk Descriptor File\n")]
    [InlineData("# disk descriptorfile\r\n\r\n")]
    [InlineData("# Made by hand.\n\n# Disk DescriptorFile\n")]
    [InlineData("  \n# Made by hand.\nversion=1\n")]
    [InlineData("version=2\r\n")]
    [InlineData("version = 3\n")]
    public async Task A_descriptor_is_recognized_by_its_title_or_version(string start)
    {
        string text = start + "CID=fffffffe\nparentCID=ffffffff\ncreateType=\"monolithicFlat\"\nRW\t131072\tFLAT \"base.raw\" 0\n";
        SfImageInfo info = await Probe.Good(Heads.VmdkText(text));
        Assert.Equal("vmdk", info.FileFormat);
        Assert.Equal(64 * Heads.MiB, info.VirtualSize);
        SparseImage sparse = Heads.VmdkSparse(description: text.Replace("131072", "8388608", StringComparison.Ordinal));
        Assert.Equal("monolithicFlat", (await Probe.Good(sparse)).Details["CreateType"]);
    }

    [Theory]
    [InlineData("#!/bin/sh\necho version=1\n")]
    [InlineData("version=4\n")]
    [InlineData("version=10\n")]
    [InlineData("# Disk\nkey=version=1\n")]
    [InlineData("#\n#\n")]
    public async Task Another_text_is_raw(string text) => Assert.Equal("raw", (await Probe.Good(Heads.VmdkText(text))).FileFormat);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_extent_of_a_split_disk_has_no_descriptor_and_no_warning(bool reserved)
    {
        // qemu-img reserves the sectors, other programs do not.
        SparseImage image = Heads.VmdkSparse(description: "");
        image.Le64(28, reserved ? 1UL : 0);
        SfImageInfo info = await Probe.Good(image);
        Assert.Equal(4 * Heads.GiB, info.VirtualSize);
        Assert.Equal(["no descriptor"], info.Features);
        Assert.Null(info.Details["CreateType"]);
    }

    [Fact]
    public async Task A_sparse_extent_of_a_server_is_described_by_its_header()
    {
        SfImageInfo info = await Probe.Good(Heads.Cowd());
        Assert.Equal("vmdk", info.FileFormat);
        Assert.Equal("1", info.Version);
        Assert.Equal(64 * Heads.GiB, info.VirtualSize);
        Assert.Equal(65536, info.ClusterSize);
        Assert.Equal("vmfsSparse", info.Details["CreateType"]);
        Assert.Equal(["no descriptor"], info.Features);
    }

    [Theory]
    [InlineData(4, 2, "Sparse extent version 2")]
    [InlineData(16, 0, "grain of 0 bytes")]
    [InlineData(20, 0x7fffffff, "grain directory in sector 2147483647")]
    [InlineData(24, 0x7fffffff, "grain directory in sector 4")]
    public async Task An_impossible_field_of_a_server_extent_causes_a_warning(int offset, uint value, string warning) =>
        Assert.Contains(warning, await Probe.OnlyWarning(Heads.Cowd().Le32(offset, value), "vmdk"), StringComparison.Ordinal);

    [Fact]
    public async Task A_vdi_is_described_by_its_header()
    {
        SparseImage image = Heads.Vdi();
        SfImageInfo info = await Probe.Good(image);
        Assert.Equal("vdi", info.FileFormat);
        Assert.Equal("1.1", info.Version);
        Assert.Equal(8 * Heads.GiB, info.VirtualSize);
        Assert.Equal(Heads.MiB, info.ClusterSize);
        Assert.Equal("dynamic", info.Details["Type"]);
        Assert.Equal("made by hand", info.Details["Description"]);
        Assert.Equal(Heads.Known, info.Details["Uuid"]);
        Assert.Equal(8192L, info.Details["BlockCount"]);
        Assert.Equal(100L, info.Details["AllocatedBlockCount"]);
        Assert.Empty(info.Features);
        Assert.Single(image.Reads);
    }

    [Fact]
    public async Task A_vdi_with_a_parent_is_reported()
    {
        SfImageInfo info = await Probe.Good(Heads.Vdi().Le32(0x4c, 4).Uuid(0x1a8, Heads.Known));
        Assert.Equal("differencing", info.Details["Type"]);
        Assert.Equal(Heads.Known, info.Details["ParentUuid"]);
        Assert.Contains("parent", info.Features);
    }

    [Theory]
    [InlineData(0x44, 0x00020000, "VDI version 2.0")]
    [InlineData(0x4c, 5, "type 5")]
    [InlineData(0x174, 0xffffffff, "disk size")]
    [InlineData(0x178, 1000, "block size of 1000")]
    [InlineData(0x180, 100, "100 blocks of 1048576 bytes are not enough")]
    [InlineData(0x184, 9000, "9000 allocated blocks, but only 8192")]
    [InlineData(0x158, 0xffffffff, "data at 4294967295")]
    public async Task An_impossible_field_of_a_vdi_causes_a_warning(int offset, uint value, string warning) =>
        Assert.Contains(warning, await Probe.OnlyWarning(Heads.Vdi().Le32(offset, value), "vdi"), StringComparison.Ordinal);
}
