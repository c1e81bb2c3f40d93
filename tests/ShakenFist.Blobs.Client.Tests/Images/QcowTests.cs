namespace ShakenFist.Blobs.Client.Tests.Images;

public sealed class QcowTests
{
    private const string Format = "qcow2";

    [Fact]
    public async Task A_plain_qcow2_of_version_3_is_described_from_one_read()
    {
        SparseImage image = Heads.Qcow2();
        SfImageInfo info = await Probe.Good(image);
        Assert.Equal(Format, info.FileFormat);
        Assert.Equal("3", info.Version);
        Assert.Equal(20 * Heads.GiB, info.VirtualSize);
        Assert.Equal(65536, info.ClusterSize);
        Assert.Equal("zlib", info.CompressionType);
        Assert.Null(info.Encryption);
        Assert.Null(info.BackingFile);
        Assert.Null(info.BackingFileFormat);
        Assert.Equal(0, info.SnapshotCount);
        Assert.Empty(info.Features);
        Assert.Equal(16, info.Details["RefcountBits"]);
        Assert.Equal(112, info.Details["headerlength"]);
        Assert.Equal(100 * Heads.GiB, info.Size);
        Assert.Equal((0L, 65536), Assert.Single(image.Reads));
    }

    [Fact]
    public async Task Version_2_has_a_shorter_header()
    {
        SfImageInfo info = await Probe.Good(Heads.Qcow2(version: 2, backing: "base.img", format: "raw"));
        Assert.Equal("2", info.Version);
        Assert.Equal("base.img", info.BackingFile);
        Assert.Equal("raw", info.BackingFileFormat);
        Assert.Equal(72, info.Details["HeaderLength"]);
        Assert.Equal(16, info.Details["RefcountBits"]);
    }

    [Theory]
    [InlineData("base.qcow2", "qcow2")]
    [InlineData("/srv/шум/✓.img", "raw")]
    [InlineData("json:{\"driver\":\"raw\"}", null)]
    [InlineData("../../etc/\u001b[2Jpasswd", "raw")]
    public async Task The_backing_file_name_is_reported_unchanged(string name, string? format)
    {
        SfImageInfo info = await Probe.Good(Heads.Qcow2(backing: name, format: format));
        Assert.Equal(name, info.BackingFile);
        Assert.Equal(format, info.BackingFileFormat);
    }

    [Fact]
    public async Task A_backing_file_name_beyond_the_first_range_requires_one_more_read()
    {
        SparseImage image = Heads.Qcow2(clusterBits: 21).Be64(8, 1 << 20).Be32(16, 5).Put(1 << 20, "far.a");
        image.Be64(40, 6 << 20).Be64(48, 2 << 20);
        Assert.Equal("far.a", (await Probe.Good(image)).BackingFile);
        Assert.Equal([(0L, 65536), (1L << 20, 5)], image.Reads);
    }

    [Fact]
    public async Task Every_feature_is_reported_by_name()
    {
        SparseImage image = Heads.Qcow2().Be32(36, 80).Be64(72, 0b11100).Be64(80, 1).Be64(88, 0b11);
        image[104] = 1;
        SfImageInfo info = await Probe.Good(image);
        Assert.Equal(["external data file", "compression type", "extended L2", "lazy refcounts", "bitmaps", "raw external data"], info.Features);
        Assert.Equal("zstd", info.CompressionType);
    }

    [Fact]
    public async Task Marked_damage_is_reported()
    {
        SfImageInfo info = await Probe.Of(Heads.Qcow2().Be64(72, 0b11));
        Assert.Equal(["dirty", "corrupt"], info.Features);
        Assert.Equal(["The image is marked as corrupt.", "The image is marked as dirty. It was not closed properly, and its refcounts can be wrong."], info.Warnings);
    }

    [Fact]
    public async Task Unknown_features_are_reported_by_the_names_in_the_image_or_by_their_bits()
    {
        SparseImage image = Heads.Qcow2().Be64(72, 1UL << 60 | 1UL << 7).Be64(80, 1UL << 63);
        image.Be32(112, 0x6803f857).Be32(116, 96).Put(120, [0, 7]).Put(122, "sparkle").Put(168, [1, 5]).Put(170, "unused");
        SfImageInfo info = await Probe.Of(image);
        Assert.Equal(["sparkle", "incompatible feature 60", "compatible feature 63"], info.Features);
        Assert.Contains("not supported", Assert.Single(info.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_extensions_are_read()
    {
        SparseImage image = Heads.Qcow2().Be64(72, 0b100);
        image.Be32(112, 0xabcdef01).Be32(116, 3).Put(120, "xyz");
        image.Be32(128, 0x44415441).Be32(132, 8).Put(136, "data.raw");
        image.Be32(144, 0x23852875).Be32(148, 24).Be32(152, 2);
        image.Be32(176, 0).Be32(184, 0xe2792aca).Be32(188, 3).Put(192, "raw");
        SfImageInfo info = await Probe.Good(image);
        Assert.Equal("data.raw", info.Details["DataFile"]);
        Assert.Equal(2L, info.Details["BitmapCount"]);
        Assert.Null(info.BackingFileFormat);
    }

    [Theory]
    [InlineData(1u, "aes")]
    [InlineData(2u, "luks")]
    public async Task Encryption_and_snapshots_are_reported(uint method, string name)
    {
        SfImageInfo info = await Probe.Good(Heads.Qcow2().Be32(32, method).Be32(60, 12).Be64(64, 1 << 20));
        Assert.Equal(name, info.Encryption);
        Assert.Equal(12, info.SnapshotCount);
    }

    [Theory]
    [InlineData(20, 8, "specifies 8 cluster bits")]
    [InlineData(20, 22, "specifies 22 cluster bits")]
    [InlineData(20, 0xffffffff, "specifies 4294967295 cluster bits")]
    [InlineData(32, 3, "method 3 is not supported")]
    [InlineData(36, 39, "L1 table of 39 entries is too small for a disk of 21474836480 bytes")]
    [InlineData(40, 0x80000000, "L1 table of 320 bytes at 9223372036854972416 is beyond")]
    [InlineData(44, 0x30200, "L1 table at 197120 is not aligned to a cluster")]
    [InlineData(48, 0xffffffff, "refcount table")]
    [InlineData(56, 0xffffffff, "refcount table of 281474976645120 bytes")]
    [InlineData(24, 0x80000000, "virtual size of 9223372036854775808 bytes")]
    [InlineData(60, 65537, "65537 snapshots")]
    [InlineData(96, 7, "refcount order 7 is not valid")]
    [InlineData(100, 0, "header length of 0")]
    [InlineData(100, 103, "header length of 103")]
    [InlineData(100, 0xfffffff8, "header length of 4294967288")]
    [InlineData(104, 0x01000000, "does not match the feature bit")]
    [InlineData(112, 0xe2792aca, "the format of a backing file, but no backing file")]
    [InlineData(116, 0xffffffff, null)]
    public async Task An_impossible_field_causes_a_warning(int offset, uint value, string? warning)
    {
        SfImageInfo info = await Probe.Of(Heads.Qcow2().Be32(offset, value));
        Assert.Equal(Format, info.FileFormat);
        if (warning is null)
        {
            Assert.Empty(info.Warnings);
        }
        else
        {
            Assert.Contains(warning, Assert.Single(info.Warnings), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(600, 0, "is empty", null)]
    [InlineData(600, 1024, "1024 bytes. The maximum is 1023", "base")]
    [InlineData(600, 0xffffffff, "4294967295 bytes. The maximum is 1023", "base")]
    [InlineData(65536, 4, "outside the first cluster", null)]
    [InlineData(ulong.MaxValue, 4, "outside the first cluster", null)]
    public async Task An_impossible_backing_file_causes_a_warning(ulong offset, uint length, string warning, string? name)
    {
        SparseImage image = Heads.Qcow2().Be64(8, offset).Be32(16, length).Put(600, "base");
        SfImageInfo info = await Probe.Of(image);
        Assert.Contains(warning, Assert.Single(info.Warnings), StringComparison.Ordinal);
        Assert.Equal(name, info.BackingFile);
    }

    [Fact]
    public async Task An_extension_beyond_the_available_data_ends_the_extensions()
    {
        string warning = await Probe.OnlyWarning(Heads.Qcow2().Be32(112, 0xe2792aca).Be32(116, 0xffffff00), Format);
        Assert.Contains("extension at 112 specifies 4294967040 bytes. At most 65416", warning, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_later_version_is_reported_but_not_interpreted()
    {
        SfImageInfo info = await Probe.Of(Heads.Qcow2(version: 4));
        Assert.Equal("4", info.Version);
        Assert.Null(info.VirtualSize);
        Assert.Single(info.Warnings);
    }

    [Fact]
    public async Task A_truncated_copy_is_detected_by_its_tables()
    {
        SfImageInfo info = await Probe.Of(Heads.Qcow2(length: 65536));
        Assert.Equal(2, info.Warnings.Length);
        Assert.All(info.Warnings, w => Assert.Contains("truncated", w, StringComparison.Ordinal));
        Assert.Equal(20 * Heads.GiB, info.VirtualSize);
    }

    [Fact]
    public async Task Qcow_version_1_is_distinguished_from_qcow2()
    {
        SfImageInfo info = await Probe.Good(Heads.Qcow("base.img"));
        Assert.Equal("qcow", info.FileFormat);
        Assert.Equal("1", info.Version);
        Assert.Equal(3 * Heads.GiB, info.VirtualSize);
        Assert.Equal(4096, info.ClusterSize);
        Assert.Equal("base.img", info.BackingFile);
        Assert.Null(info.Encryption);
        Assert.Null((await Probe.Good(Heads.Qcow())).BackingFile);
        Assert.Equal("aes", (await Probe.Good(Heads.Qcow().Be32(36, 1))).Encryption);
    }

    [Theory]
    [InlineData(32, 0x11000000, "specifies 17 cluster bits")]
    [InlineData(36, 2, "method 2")]
    [InlineData(24, 0xff000000, "virtual size")]
    [InlineData(8, 0x00ffffff, "ends after 0 of them")]
    [InlineData(16, 5000, "5000 bytes")]
    public async Task An_impossible_field_of_a_qcow_causes_a_warning(int offset, uint value, string warning) =>
        Assert.Contains(warning, await Probe.OnlyWarning(Heads.Qcow("base.img").Be32(offset, value), "qcow"), StringComparison.Ordinal);

    [Fact]
    public async Task Text_that_is_not_utf8_does_no_harm()
    {
        SparseImage image = Heads.Qcow2().Be64(8, 600).Be32(16, 4).Put(600, [0xff, 0xfe, (byte)'a', 0x80]);
        Assert.Equal("\ufffd\ufffda\ufffd", (await Probe.Good(image)).BackingFile);
        Assert.Equal("latin ä", (await Probe.Good(Heads.Qcow2(backing: "latin ä"))).BackingFile);
    }
}
