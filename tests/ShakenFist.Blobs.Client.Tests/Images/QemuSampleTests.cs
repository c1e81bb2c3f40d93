using System.Collections.Specialized;
using System.IO.Compression;
using System.Reflection;
using System.Text.Json.Nodes;

namespace ShakenFist.Blobs.Client.Tests.Images;

/// <summary>Compares the results for images of qemu-img with the output of qemu-img.</summary>
public sealed class QemuSampleTests
{
    private const string Prefix = "Samples/";

    private static readonly Assembly Here = typeof(QemuSampleTests).Assembly;

    public static TheoryData<string> Samples =>
        [.. Here.GetManifestResourceNames().Where(n => n.StartsWith(Prefix, StringComparison.Ordinal) && n.EndsWith(".gz", StringComparison.Ordinal)).Select(n => n[Prefix.Length..^".gz".Length])];

    [Fact]
    public void There_are_samples() => Assert.True(Samples.Count >= 25, $"{Samples.Count} samples.");

    [Theory]
    [MemberData(nameof(Samples))]
    public async Task A_sample_is_described_as_qemu_img_does(string name)
    {
        SparseImage image = Unpack(name);
        SfImageInfo info = await Probe.Good(image);
        JsonNode reported = JsonNode.Parse(Open(name + ".json"))!;
        Assert.Equal((string?)reported["format"], info.FileFormat);
        Assert.Equal((long?)reported["virtual-size"], info.VirtualSize);
        Assert.Equal((string?)reported["backing-filename"], info.BackingFile);
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
        Assert.InRange(image.Reads.Count, 1, 3);
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
                Assert.Equal($"{(long)data["cid"]!:x8}", particulars["Cid"]);
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
