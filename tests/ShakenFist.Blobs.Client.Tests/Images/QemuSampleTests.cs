using System.Collections.Specialized;
using System.IO.Compression;
using System.Reflection;
using System.Text;
using System.Text.Json.Nodes;
using ShakenFist.Blobs.Images;

namespace ShakenFist.Blobs.Client.Tests.Images;

/// <summary>Compares the results for images of qemu-img with the output of qemu-img.</summary>
public sealed class QemuSampleTests
{
    private const string Prefix = "Samples/";

    private static readonly Assembly Here = typeof(QemuSampleTests).Assembly;

    public static TheoryData<string> Samples =>
        [.. Here.GetManifestResourceNames().Where(n => n.StartsWith(Prefix, StringComparison.Ordinal) && n.EndsWith(".gz", StringComparison.Ordinal)).Select(n => n[Prefix.Length..^".gz".Length])];

    /// <summary>The images to make with qemu-img. If it is not installed, only the samples are compared.</summary>
    public static TheoryData<string> Images => QemuImg.IsInstalled ? [.. QemuImg.Recipes.Keys] : Samples;

    [Fact]
    public void There_are_samples() => Assert.True(Samples.Count >= 35, $"{Samples.Count} samples.");

    [Theory]
    [MemberData(nameof(Samples))]
    public async Task A_sample_is_described_as_qemu_img_does(string name)
    {
        SparseImage image = Unpack(name);
        SfImageInfo info = await Probe.Good(image);
        Compare(Open(name + ".json"), info);
        Assert.InRange(image.Reads.Count, 1, 3);
    }

    [Theory]
    [MemberData(nameof(Images))]
    public async Task An_image_that_qemu_img_makes_is_described_as_it_does(string name)
    {
        if (!QemuImg.IsInstalled)
        {
            await A_sample_is_described_as_qemu_img_does(name);
            return;
        }

        using TempFolder folder = new();
        using FileImageSource image = new(QemuImg.Make(name, folder.Path));
        SfImageInfo info = await Probe.Good(image);
        using MemoryStream reported = new(Encoding.UTF8.GetBytes(QemuImg.Describe(name, folder.Path)));
        Compare(reported, info);
    }

    private static void Compare(Stream json, SfImageInfo info)
    {
        JsonNode reported = JsonNode.Parse(json)!;
        Assert.Equal((string?)reported["format"], info.FileFormat);
        Assert.Equal((long?)reported["virtual-size"], info.VirtualSize);
        Assert.Equal((string?)reported["backing-filename"], info.BackingFile);
        Assert.Equal((string?)reported["backing-filename-format"], info.BackingFileFormat);
        Assert.Equal((bool?)reported["dirty-flag"] ?? false, info.Features.Contains("dirty"));
        Assert.Equal((bool?)reported["encrypted"] ?? false, info.Encryption is not null);
        if (reported["cluster-size"] is { } cluster && !info.Features.Contains("data in other files"))
        {
            Assert.Equal((long)cluster, info.ClusterSize);
        }

        if (reported["format-specific"]?["data"] is { } data)
        {
            Check(data, info);
        }

        Assert.Equal(reported["snapshots"]?.AsArray().Count ?? 0, info.SnapshotCount ?? 0);
    }

    private static void Check(JsonNode data, SfImageInfo info)
    {
        OrderedDictionary particulars = info.Details;
        switch (info.FileFormat)
        {
            case "qcow2":
                Assert.Equal((string?)data["compat"], info.Version == "2" ? "0.10" : "1.1");
                Assert.Equal((string?)data["compression-type"], info.CompressionType);
                Assert.Equal((int?)data["refcount-bits"], particulars["RefcountBits"]);
                Assert.Equal((bool?)data["lazy-refcounts"] ?? false, info.Features.Contains("lazy refcounts"));
                Assert.Equal((bool?)data["extended-l2"] ?? false, info.Features.Contains("extended L2"));
                Assert.Equal((bool?)data["corrupt"] ?? false, info.Features.Contains("corrupt"));
                Assert.Equal((string?)data["data-file"], particulars["DataFile"]);
                Assert.Equal((bool?)data["data-file-raw"] ?? false, info.Features.Contains("raw external data"));
                Assert.Equal((string?)data["encrypt"]?["format"], info.Encryption);
                Assert.Equal((long?)data["bitmaps"]?.AsArray().Count, particulars["BitmapCount"]);
                break;
            case "vmdk":
                Assert.Equal((string?)data["create-type"], particulars["CreateType"]);
                Assert.Equal((uint)(long)data["cid"]!, Convert.ToUInt32((string)particulars["Cid"]!, 16));
                Assert.Equal((bool?)data["extents"]![0]!["compressed"] ?? false, info.CompressionType is not null);
                break;
            case "luks":
                Assert.Equal((string?)data["uuid"], particulars["Uuid"]);
                Assert.Equal((string?)data["hash-alg"], particulars["HashName"]);
                break;
            default:
                Assert.Fail($"qemu-img reports more properties of {info.FileFormat} than are compared.");
                break;
        }
    }

    /// <summary>Returns the bytes of each sample.</summary>
    internal static IEnumerable<byte[]> All => Samples.Select(row => Bytes(row.Data));

    private static SparseImage Unpack(string name) => SparseImage.Of(Bytes(name));

    private static byte[] Bytes(string name)
    {
        using GZipStream packed = new(Open(name + ".gz"), CompressionMode.Decompress);
        using MemoryStream bytes = new();
        packed.CopyTo(bytes);
        return bytes.ToArray();
    }

    private static Stream Open(string name) => Here.GetManifestResourceStream(Prefix + name)!;
}
