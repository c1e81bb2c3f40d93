namespace ShakenFist.Blobs.Client.Tests.Images;

public sealed class QedAndParallelsTests
{
    [Fact]
    public async Task A_qed_is_described_by_its_header()
    {
        SparseImage image = Heads.Qed();
        SfImageInfo info = await Probe.Good(image);
        Assert.Equal("qed", info.FileFormat);
        Assert.Equal(5 * Heads.GiB, info.VirtualSize);
        Assert.Equal(65536, info.ClusterSize);
        Assert.Null(info.BackingFile);
        Assert.Null(info.BackingFileFormat);
        Assert.Empty(info.Features);
        Assert.Single(image.Reads);
    }

    [Fact]
    public async Task The_backing_file_of_a_qed_is_reported()
    {
        SfImageInfo info = await Probe.Good(Heads.Qed("../base.img"));
        Assert.Equal("../base.img", info.BackingFile);
        Assert.Null(info.BackingFileFormat);
        info = await Probe.Good(Heads.Qed("base.img").Le64(16, 5));
        Assert.Equal("base.img", info.BackingFile);
        Assert.Equal("raw", info.BackingFileFormat);
    }

    [Theory]
    [InlineData(4, 65537, "cluster size of 65537 bytes")]
    [InlineData(4, 2048, "cluster size of 2048 bytes")]
    [InlineData(8, 3, "table size of 3 clusters")]
    [InlineData(8, 32, "table size of 32 clusters")]
    [InlineData(16, 3, "marked as dirty")]
    [InlineData(16, 9, "features that are not supported")]
    [InlineData(40, 0x7fffffff, "L1 table of 262144 bytes at 2147483647 is beyond the end")]
    [InlineData(52, 0x00ffffff, "are too small for a disk")]
    [InlineData(52, 0xffffffff, "image size")]
    [InlineData(56, 0x7fffffff, "name of the backing file has 8 bytes")]
    [InlineData(60, 2000, "name of the backing file has 2000 bytes. The maximum is 1023")]
    public async Task An_impossible_field_of_a_qed_causes_a_warning(int offset, uint value, string warning) =>
        Assert.Contains(warning, await Probe.OnlyWarning(Heads.Qed("base.img").Le32(offset, value), "qed"), StringComparison.Ordinal);

    [Theory]
    [InlineData("WithoutFreeSpace")]
    [InlineData("WithouFreSpacExt")]
    public async Task A_parallels_image_is_described_by_its_header(string magic)
    {
        SparseImage image = Heads.Parallels(magic);
        SfImageInfo info = await Probe.Good(image);
        Assert.Equal("parallels", info.FileFormat);
        Assert.Equal("2", info.Version);
        Assert.Equal(8 * Heads.GiB, info.VirtualSize);
        Assert.Equal(Heads.MiB, info.ClusterSize);
        Assert.Null(info.BackingFile);
        Assert.Empty(info.Features);
        Assert.Single(image.Reads);
    }

    [Fact]
    public async Task The_older_kind_of_parallels_image_has_a_size_of_32_bits()
    {
        SfImageInfo info = await Probe.Good(Heads.Parallels("WithoutFreeSpace").Le32(40, 7));
        Assert.Equal(8 * Heads.GiB, info.VirtualSize);
    }

    [Theory]
    [InlineData(16, 3, "Parallels version 3")]
    [InlineData(28, 0, "block size of 0 bytes")]
    [InlineData(32, 8191, "8191 blocks of 1048576 bytes are not enough for a disk of 8589934592 bytes")]
    [InlineData(32, 0xffffffff, "block allocation table of 4294967295 entries is beyond the end")]
    [InlineData(44, 0x746f6e59, "not closed properly")]
    public async Task An_impossible_field_of_a_parallels_image_causes_a_warning(int offset, uint value, string warning) =>
        Assert.Contains(warning, await Probe.OnlyWarning(Heads.Parallels().Le32(offset, value), "parallels"), StringComparison.Ordinal);

    [Fact]
    public async Task A_disk_that_is_too_large_causes_a_warning() =>
        Assert.Contains((await Probe.Of(Heads.Parallels().Le32(40, uint.MaxValue))).Warnings, w => w.Contains("more than the maximum disk size", StringComparison.Ordinal));
}
