using System.Text;

namespace ShakenFist.Blobs.Client.Tests.Images;

public sealed class MicrosoftTests
{
    private const int Metadata = 2 << 20;
    private const int Items = Metadata + 65536;

    [Fact]
    public async Task A_vhdx_is_described_from_three_reads()
    {
        SparseImage image = MicrosoftHeads.Vhdx();
        SfImageInfo info = await Probe.Good(image);
        Assert.Equal("vhdx", info.FileFormat);
        Assert.Equal("1", info.Version);
        Assert.Equal(40 * Heads.GiB, info.VirtualSize);
        Assert.Equal(32 * Heads.MiB, info.ClusterSize);
        Assert.Equal("made by hand", info.Details["Creator"]);
        Assert.Equal(512L, info.Details["LogicalSectorSize"]);
        Assert.Equal(Heads.Known, info.Details["Uuid"]);
        Assert.Null(info.BackingFile);
        Assert.Empty(info.Features);
        Assert.Equal(3, image.Reads.Count);
        Assert.True(image.Reads.Sum(r => r.Count) <= 400 * 1024);
    }

    [Fact]
    public async Task The_parent_of_a_vhdx_is_its_relative_path_if_there_is_one()
    {
        SfImageInfo info = await Probe.Good(MicrosoftHeads.Vhdx(parent: "..\\base.vhdx"));
        Assert.Equal("..\\base.vhdx", info.BackingFile);
        Assert.Equal("vhdx", info.BackingFileFormat);
        Assert.Equal("{" + Heads.Known + "}", info.Details["ParentLinkage"]);
        Assert.Contains("parent", info.Features);
    }

    [Fact]
    public async Task A_vhdx_with_an_open_log_is_reported()
    {
        SfImageInfo info = await Probe.Of(MicrosoftHeads.Vhdx(openLog: true));
        Assert.Contains("log to replay", info.Features);
        Assert.Contains("log contains changes", Assert.Single(info.Warnings), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(128 * 1024 + 100, null, "VHDX version 9")]
    [InlineData(128 * 1024 + 100, 64 * 1024 + 100, "Both headers are damaged")]
    [InlineData(192 * 1024 + 5000, null, "first region table is damaged")]
    [InlineData(Metadata, null, "metadata is not at the offset")]
    [InlineData(Metadata + 32, null, "does not contain the file parameters")]
    [InlineData(Metadata + 64, null, "does not contain the virtual disk size")]
    [InlineData(Metadata + 64 + 18, null, "does not contain the virtual disk size")]
    [InlineData(Metadata + 96, null, "does not contain the logical sector size")]
    [InlineData(Metadata + 11, null, "specifies 65284 items")]
    [InlineData(Items + 0, null, "block size of 33554687")]
    [InlineData(Items + 8 + 7, null, "virtual disk size of 18374686522621296640 bytes")]
    [InlineData(Items + 16, null, "logical sector size of 767")]
    public async Task Damage_to_a_vhdx_is_reported(int first, int? second, string warning)
    {
        SparseImage image = MicrosoftHeads.Vhdx();
        image[first] = 0xff;
        if (second is { } also)
        {
            image[also] = 0xff;
        }

        SfImageInfo info = await Probe.Of(image);
        Assert.Equal("vhdx", info.FileFormat);
        Assert.Contains(info.Warnings, w => w.Contains(warning, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_vhdx_with_a_bad_first_region_table_is_read_by_the_second()
    {
        SparseImage image = MicrosoftHeads.Vhdx();
        image[192 * 1024 + 9] = 0xff;
        Assert.Equal(40 * Heads.GiB, (await Probe.Of(image)).VirtualSize);
        image[256 * 1024 + 9] = 0xff;
        SfImageInfo info = await Probe.Of(image);
        Assert.Null(info.VirtualSize);
        Assert.Equal(2, info.Warnings.Length);
    }

    [Fact]
    public async Task A_dynamic_vhd_is_described_by_footer_and_dynamic_header()
    {
        SparseImage image = MicrosoftHeads.VhdDynamic();
        SfImageInfo info = await Probe.Good(image);
        Assert.Equal("vpc", info.FileFormat);
        Assert.Equal("1.0", info.Version);
        Assert.Equal(30 * Heads.GiB, info.VirtualSize);
        Assert.Equal(2 * Heads.MiB, info.ClusterSize);
        Assert.Equal("dynamic", info.Details["Type"]);
        Assert.Equal("win", info.Details["Creator"]);
        Assert.Equal("10.0", info.Details["CreatorVersion"]);
        Assert.Equal(new DateTime(2000, 1, 2, 0, 0, 0, DateTimeKind.Utc).ToLocalTime(), info.Details["Created"]);
        Assert.Equal("65535/16/255", info.Details["Geometry"]);
        Assert.Equal(Heads.Known, info.Details["Uuid"]);
        Assert.Equal(2, image.Reads.Count);
    }

    [Fact]
    public async Task The_parent_of_a_differencing_vhd_is_reported()
    {
        SfImageInfo info = await Probe.Good(MicrosoftHeads.VhdDynamic("основа.vhd"));
        Assert.Equal("differencing", info.Details["Type"]);
        Assert.Equal("основа.vhd", info.BackingFile);
        Assert.Equal("vpc", info.BackingFileFormat);
        Assert.Equal(Heads.Known, info.Details["ParentUuid"]);
    }

    [Fact]
    public async Task A_fixed_vhd_is_recognized_by_its_footer_and_its_partitions_are_reported()
    {
        SparseImage image = MicrosoftHeads.VhdFixed();
        SfImageInfo info = await Probe.Good(image);
        Assert.Equal("vpc", info.FileFormat);
        Assert.Equal("fixed", info.Details["Type"]);
        Assert.Equal(8 * Heads.MiB, info.VirtualSize);
        Assert.Equal(2048 * 512, Assert.Single(info.Partitions).Offset);
        Assert.Equal(2, image.Reads.Count);
    }

    [Theory]
    [InlineData(70, "checksum of the footer")]
    [InlineData(700, "checksum of the dynamic disk header")]
    [InlineData(519, "not at the offset that the footer specifies")]
    [InlineData(546, "block size")]
    [InlineData(540, "checksum of the dynamic disk header")]
    [InlineData(63, "Disk type 255")]
    [InlineData(48, "current size")]
    public async Task Damage_to_a_vhd_is_reported(int at, string warning)
    {
        SparseImage image = MicrosoftHeads.VhdDynamic();
        image[at] = 0xff;
        image.Put(image.Length - 512, image.Bytes(0, 512));
        SfImageInfo info = await Probe.Of(image);
        Assert.Equal("vpc", info.FileFormat);
        Assert.Contains(info.Warnings, w => w.Contains(warning, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("none", 0, 30 * Heads.GiB, null)]
    [InlineData("size", 0, 30 * Heads.GiB, "The copy of the footer at the start is damaged. The footer at the end was used.")]
    [InlineData("wiped", 0, 30 * Heads.GiB, "The copy of the footer at the start is missing. The footer at the end was used.")]
    [InlineData("none", 1, 30 * Heads.GiB, "The footer at the end is damaged. Its copy at the start was used.")]
    [InlineData("none", 2, 30 * Heads.GiB, "There is no footer at the end of the image. The image is truncated, or data was appended to it.")]
    [InlineData("other", 0, 30 * Heads.GiB, "The footer at the end and its copy at the start are different. The copy was used.")]
    public async Task The_footer_with_a_correct_checksum_is_used(string start, int end, long size, string? warning)
    {
        SparseImage image = MicrosoftHeads.VhdDynamic();
        switch (start)
        {
            case "size":
                image.Be64(48, 999);
                break;
            case "wiped":
                image.Put(0, new byte[512]);
                break;
            case "other":
                // Another creation time, with a correct checksum.
                MicrosoftHeads.Footer(image, 0, type: 3, size: 30UL << 30, data: 512, created: 1);
                break;
        }

        if (end == 1)
        {
            image.Be64(image.Length - 512 + 48, 999);
        }
        else if (end == 2)
        {
            image.Put(image.Length - 512, new byte[512]);
        }

        SfImageInfo info = await Probe.Of(image);
        Assert.Equal("vpc", info.FileFormat);
        Assert.Equal(size, info.VirtualSize);
        Assert.Equal(2 * Heads.MiB, info.ClusterSize);
        Assert.Equal(warning is null ? [] : [warning], info.Warnings);
        Assert.Empty(info.Partitions);
    }

    [Fact]
    public async Task A_footer_of_511_bytes_is_read()
    {
        SparseImage image = MicrosoftHeads.VhdFixed();
        image.Length--;
        SfImageInfo info = await Probe.Good(image);
        Assert.Equal("vpc", info.FileFormat);
        Assert.Equal(8 * Heads.MiB, info.VirtualSize);
        Assert.Single(info.Partitions);
        SparseImage dynamic = MicrosoftHeads.VhdDynamic();
        dynamic.Length--;
        Assert.Equal(30 * Heads.GiB, (await Probe.Good(dynamic)).VirtualSize);
        dynamic.Put(0, new byte[512]);
        Assert.Contains("at the start is missing", await Probe.OnlyWarning(dynamic, "vpc"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("vpc ", 1000, 16 * 63, 1000L * 16 * 63 * 512)]
    [InlineData("qemu", 1000, 16 * 63, 1000L * 16 * 63 * 512)]
    [InlineData("qemu", 65535, 16 * 255, 30 * Heads.GiB)]
    [InlineData("qemu", 0, 0, 30 * Heads.GiB)]
    [InlineData("qem2", 1000, 16 * 63, 30 * Heads.GiB)]
    [InlineData("tap\0", 1000, 16 * 63, 30 * Heads.GiB)]
    public async Task The_size_of_a_vhd_is_the_one_that_its_creator_uses(string creator, int cylinders, int perCylinder, long size)
    {
        SparseImage image = MicrosoftHeads.VhdDynamic().Put(28, creator).Be16(56, cylinders);
        image[58] = (byte)(perCylinder == 0 ? 0 : 16);
        image[59] = (byte)(perCylinder / 16);
        MicrosoftHeads.Seal(image, 0);
        image.Put(image.Length - 512, image.Bytes(0, 512));
        Assert.Equal(size, (await Probe.Good(image)).VirtualSize);
    }

    [Fact]
    public async Task A_vhd_with_a_missing_footer_is_reported()
    {
        SparseImage image = MicrosoftHeads.VhdDynamic();
        image.Length -= 512;
        Assert.Contains("no footer", await Probe.OnlyWarning(image, "vpc"), StringComparison.Ordinal);
        SparseImage longer = MicrosoftHeads.Footer(new SparseImage(4096), 4096 - 512, type: 2, size: 8192, data: ulong.MaxValue);
        Assert.Contains("8192 bytes, but 3584 bytes precede it", await Probe.OnlyWarning(longer, "vpc"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_vhd_with_too_few_blocks_is_reported()
    {
        SparseImage image = MicrosoftHeads.VhdDynamic().Be32(540, 2);
        Assert.Contains((await Probe.Of(image)).Warnings, w => w.Contains("2 blocks of 2097152 bytes are not enough", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_creator_text_ends_at_the_first_zero()
    {
        SparseImage image = MicrosoftHeads.Vhdx().Put(8, new string('x', 300), Encoding.Unicode);
        Assert.Equal(new string('x', 256), (await Probe.Good(image)).Details["Creator"]);
    }
}
