using FsCheck;
using FsCheck.Fluent;
using ShakenFist.Blobs.Client.Tests.Properties;
using ShakenFist.Blobs.Images;

namespace ShakenFist.Blobs.Client.Tests.Images;

/// <summary>Tests that any image is described with few small reads and little memory.</summary>
public sealed class HostileImageTests
{
    private const int MaxReads = 5;
    private const int MaxReadBytes = 256 * 1024;
    private const long MaxMemoryBytes = 16 << 20;

    private static readonly string[] Formats = ["qcow2", "qcow", "qed", "parallels", "vmdk", "vhdx", "vpc", "vdi", "luks", "iso", "gzip", "xz", "zstd", "bzip2", "raw"];

    private static readonly SparseImage[] Good = [.. Heads.All.Values.Select(make => make())];

    private static readonly long[][] Places = [.. Good.Select(image => image.Written.ToArray())];

    public static TheoryData<string> Names => [.. Heads.All.Keys];

    private static Gen<byte> Value => Gen.OneOf(Gen.Elements<byte>(0, 1, 0x7f, 0x80, 0xff), Gen.Choose(0, 255).Select(n => (byte)n));

    /// <summary>A byte to change: the given number of bytes after the nth byte that is not zero.</summary>
    private static Gen<(int Written, int After, byte Value)> Change => from written in Gen.Choose(0, 100_000) from after in Gen.Choose(-2, 8) from value in Value select (written, after, value);

    private static Gen<long> Length => Gen.OneOf(Gen.Constant(-1L), Gen.Choose(0, 400_000).Select(n => (long)n), Gen.Elements(long.MaxValue, long.MaxValue - 511, 1L << 62));

    [Theory]
    [MemberData(nameof(Names))]
    public void An_image_that_ends_anywhere_in_its_head_is_described(string name)
    {
        SparseImage image = Heads.All[name]();
        IEnumerable<long> cuts = Enumerable.Range(0, 1200).Select(n => (long)n).Concat(Some(image.Written).SelectMany(at => (long[])[at, at + 1]));
        foreach (long cut in cuts.Where(c => c <= image.Length).Distinct().ToArray())
        {
            image.Length = cut;
            Describe(image);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_header_with_any_extreme_byte_value_is_described(string name)
    {
        SparseImage image = Heads.All[name]();
        foreach (long at in Some(image.Written).SelectMany(at => (long[])[at, at + 1]).Where(at => at < image.Length).Distinct().ToArray())
        {
            byte before = image[at];
            foreach (byte value in (byte[])[0, 1, 0x7f, 0x80, 0xff])
            {
                image[at] = value;
                Describe(image);
            }

            image[at] = before;
        }
    }

    [Cases(2000)]
    public Property A_head_with_any_bytes_changed_is_described() =>
        Prop.ForAll(Gen.Choose(0, Good.Length - 1).ToArbitrary(), Change.NonEmptyListOf().ToArbitrary(), Length.ToArbitrary(), (index, changes, length) =>
        {
            SparseImage image = Good[index].Copy();
            long[] written = Places[index];
            foreach ((int place, int after, byte value) in changes)
            {
                image[Math.Clamp(written[place % written.Length] + after, 0, image.Length - 1)] = value;
            }

            image.Length = length < 0 ? image.Length : length;
            Describe(image);
        });

    [Cases(200)]
    public Property Random_bytes_after_any_magic_number_are_described() =>
        Prop.ForAll(Gen.Choose(0, Good.Length - 1).ToArbitrary(), Gen.Choose(0, int.MaxValue).ToArbitrary(), (index, seed) =>
        {
            byte[] noise = new byte[200_000];
            new Random(seed).NextBytes(noise);
            SparseImage image = SparseImage.Of(noise);
            image.Put(0, Good[index].Bytes(0, 8)).Put(0x40, Good[index].Bytes(0x40, 4)).Put(512, Good[index].Bytes(512, 8)).Put(32769, Good[index].Bytes(32769, 5));
            Describe(image);
        });

    [Fact]
    public void A_description_of_a_megabyte_of_lines_takes_little_memory()
    {
        string text = "# Disk DescriptorFile\n" + string.Concat(Enumerable.Range(0, 100_000).Select(n => $"k{n}={n}\n"));
        SfImageInfo info = Describe(Heads.VmdkText(text));
        Assert.Equal("vmdk", info.FileFormat);
    }

    [Fact]
    public void The_number_of_warnings_about_invalid_partitions_is_limited()
    {
        SparseImage image = DiskHeads.Gpt();
        for (int i = 0; i < 128; i++)
        {
            DiskHeads.GptEntry(image, 512, i, DiskHeads.LinuxFilesystem, first: 9, last: 2, "x", 0);
        }

        SfImageInfo info = Describe(image);
        Assert.Equal(32, info.Warnings.Length);
        Assert.Empty(info.Partitions);
    }

    [Fact]
    public async Task A_failure_of_the_source_is_reported()
    {
        InvalidOperationException e = await Assert.ThrowsAsync<InvalidOperationException>(() => Probe.Of(new Failing()));
        Assert.Equal("gone", e.Message);
    }

    [Fact]
    public async Task A_source_that_returns_too_much_or_too_little_is_described_by_the_returned_bytes()
    {
        byte[] head = Heads.Qcow2().Bytes(0, 200);
        Assert.Equal("qcow2", (await Probe.Of(new Careless(head))).FileFormat);
        Assert.Contains((await Probe.Of(new Careless(head[..90]))).Warnings, w => w.Contains("ends after 90", StringComparison.Ordinal));
        Assert.Equal("raw", (await Probe.Of(new Careless([]))).FileFormat);
        Assert.Equal("qcow2", (await Probe.Of(new Careless(Heads.Qcow2().Bytes(0, 600_000)))).FileFormat);
    }

    [Fact]
    public async Task A_cancellation_ends_the_probe()
    {
        using CancellationTokenSource stop = new();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ImageProbe.ProbeAsync(Heads.Qcow2(), stop.Token));
    }

    /// <summary>Removes the repeated bytes of long texts.</summary>
    private static IEnumerable<long> Some(IEnumerable<long> written)
    {
        long[] all = [.. written];
        return all.Where((_, i) => i < 100 || i % (1 + all.Length / 200) == 0);
    }

    /// <summary>Describes an image and checks the reads and the memory. The source returns synchronously, so that everything runs on this thread.</summary>
    internal static SfImageInfo Describe(SparseImage image)
    {
        image.Reads.Clear();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Task<SfImageInfo> probe = ImageProbe.ProbeAsync(image, CancellationToken.None);
        Assert.True(probe.IsCompleted);
        SfImageInfo info = probe.GetAwaiter().GetResult();
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MaxMemoryBytes);
        Assert.InRange(image.Reads.Count, 0, MaxReads);
        Assert.All(image.Reads, read => Assert.InRange(read.Count, 1, MaxReadBytes));
        Assert.Contains(info.FileFormat, Formats);
        Assert.True(info.VirtualSize is null or >= 0);
        Assert.True(info.ClusterSize is null or > 0);
        Assert.All(info.Partitions, p => Assert.True(p.Offset >= 0 && p.Size >= 0));
        return info;
    }

    private sealed class Failing : IImageSource
    {
        public long Length => 1000;

        public ValueTask<ReadOnlyMemory<byte>> ReadAsync(long offset, int count, CancellationToken cancellationToken) => throw new InvalidOperationException("gone");
    }

    private sealed class Careless(byte[] always) : IImageSource
    {
        public long Length => 1 << 30;

        public ValueTask<ReadOnlyMemory<byte>> ReadAsync(long offset, int count, CancellationToken cancellationToken) => ValueTask.FromResult<ReadOnlyMemory<byte>>(always);
    }
}
