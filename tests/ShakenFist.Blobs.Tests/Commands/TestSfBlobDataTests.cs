using System.Management.Automation;
using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Tests.Hosting;

namespace ShakenFist.Blobs.Tests.Commands;

/// <summary>Tests comparing a local file with the data of a blob, with and without a cluster.</summary>
public sealed class TestSfBlobDataTests
{
    private const string Command = ",ShakenFist.Blobs.Commands.TestSfBlobDataCommand";

    [Theory]
    [InlineData("Test-SfBlobData $raw \"$dir/right\"", true)]
    [InlineData("Test-SfBlobData -Path \"$dir/r*\" -Uuid $raw", true)]
    [InlineData("Test-SfBlobData -LiteralPath \"$dir/right\" -BlobUuid $raw", true)]
    [InlineData("Test-SfBlobData $raw \"$dir/right\" -Algorithm SHA1", true)]
    [InlineData("Test-SfBlobData $raw \"$dir/right\" -Algorithm XXH128", true)]
    [InlineData("Test-SfBlobData $raw \"$dir/wrong\"", false)]
    [InlineData("Test-SfBlobData $raw \"$dir/wrong\" -Algorithm XXH128", false)]
    [InlineData("Test-SfBlobData $raw \"$dir/short\"", false)]
    [InlineData("Get-SfBlob $raw | Test-SfBlobData \"$dir/right\"", true)]
    [InlineData("Get-SfBlob $raw | Test-SfBlobData \"$dir/wrong\"", false)]
    [InlineData("Test-SfBlobData \"$dir/right\" -InputObject (Get-SfBlob $raw)", true)]
    [InlineData("Save-SfBlobData $raw \"$dir/saved\" -PassThru | Test-SfBlobData", true)]
    public async Task The_result_is_true_only_for_the_data_of_the_blob(string script, bool expected)
    {
        await using Cluster cluster = await StartAsync();
        Assert.Equal(expected, cluster.Run(script).Only.BaseObject);

        // A complete record is not requested again.
        Assert.Single(cluster.Emulator.Requests, r => script.Contains("Save", StringComparison.Ordinal) == r.Path.EndsWith("/data", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_details_contain_what_was_compared()
    {
        await using Cluster cluster = await StartAsync();
        PSObject right = cluster.Run("Test-SfBlobData $raw \"$dir/right\" -Detailed -Algorithm SHA512").Only;
        string sha512 = cluster.Emulator.State.Blob(DemoCluster.RawDisk)!.Sha512!;
        Assert.True(right.Get<bool>("IsMatch"));
        Assert.Equal(DemoCluster.RawDisk, right.Get<Guid>("BlobUuid"));
        Assert.Equal(cluster.PathOf("right"), right.Get<string>("Path"));
        Assert.Equal((5L << 20, 5L << 20), (right.Get<long>("ExpectedSize"), right.Get<long>("ActualSize")));
        Assert.Equal(("SHA512", sha512, sha512), (right.Text("Algorithm"), right.Get<string>("ExpectedHash"), right.Get<string>("ActualHash")));

        PSObject wrong = cluster.Run("Test-SfBlobData $raw \"$dir/wrong\" -Detailed -Algorithm SHA512").Only;
        Assert.False(wrong.Get<bool>("IsMatch"));
        Assert.Equal(sha512, wrong.Get<string>("ExpectedHash"));
        Assert.NotEqual(sha512, wrong.Get<string>("ActualHash"));

        PSObject tooShort = cluster.Run("Test-SfBlobData $raw \"$dir/short\" -Detailed").Only;
        Assert.Equal((5L << 20, 3L), (tooShort.Get<long>("ExpectedSize"), tooShort.Get<long>("ActualSize")));
        Assert.Null(tooShort.Get<object?>("ActualHash"));
    }

    [Theory]
    [InlineData("Test-SfBlobData $snapshot \"$dir/snap\"", "ChecksumNotPublished")]
    [InlineData("Test-SfBlobData $raw \"$dir/none\"", "FileNotFound")]
    [InlineData("Test-SfBlobData $raw \"$dir/*\"", "FileNotFound")]
    [InlineData("Test-SfBlobData -LiteralPath \"$dir/r*\" $raw", "FileNotFound")]
    [InlineData("Test-SfBlobData $raw $dir", "FileNotFound")]
    [InlineData("Test-SfBlobData $raw 'Variable:\\dir'", "PathNotFileSystem")]
    [InlineData("Test-SfBlobData $unknown \"$dir/right\"", "BlobNotFound")]
    [InlineData("Test-SfBlobData $initial \"$dir/right\"", "BlobNotReady")]
    [InlineData("Test-SfBlobData 578da8b6-eb98-4e10 \"$dir/right\"", "BlobUuidInvalid")]
    [InlineData("Test-SfBlobData \"$dir/right\" -InputObject 42", "CannotConvertArgumentNoMessage")]
    public async Task A_comparison_that_is_not_possible_is_an_error_without_output(string script, string id)
    {
        await using Cluster cluster = await StartAsync();
        await cluster.WriteAsync("snap", cluster.ContentOf(DemoCluster.Snapshot));
        EngineResult result = cluster.Run(script);
        Assert.Equal(id + Command, result.OnlyError.FullyQualifiedErrorId);
        Assert.Empty(result.Output);
    }

    [Theory]
    [InlineData(Shape.Live)]
    [InlineData(Shape.Deserialized)]
    [InlineData(Shape.Json)]
    [InlineData(Shape.Csv)]
    public async Task A_saved_record_can_be_used_without_a_session_or_cluster(Shape shape)
    {
        PSObject saved;
        await using Cluster cluster = await StartAsync();
        saved = cluster.Run("Get-SfBlob $raw").Only;
        cluster.Emulator.ClearRequests();
        using Engine offline = new();
        offline["saved"] = Shapes.Of(saved, shape);
        offline["dir"] = cluster.Directory;
        Assert.Equal(["True", "False", "False"], offline.Run("foreach ($f in 'right', 'wrong', 'short') { $saved | Test-SfBlobData -Path \"$dir/$f\" }").Good.Output.Select(o => o.ToString()));
        Assert.Equal("True", offline.Run("Test-SfBlobData -LiteralPath \"$dir/right\" -InputObject $saved").Only.ToString());
        if (shape != Shape.Csv)
        {
            Assert.Equal("True", offline.Run("$saved | Test-SfBlobData \"$dir/right\" -Algorithm XXH128").Only.ToString());
        }

        Assert.Empty(offline.Run("Get-SfSession").Good.Output);
        Assert.Empty(cluster.Emulator.Requests);
    }

    private static async Task<Cluster> StartAsync()
    {
        Cluster cluster = await Cluster.StartAsync();
        byte[] content = cluster.ContentOf(DemoCluster.RawDisk);
        await cluster.WriteAsync("right", content);
        content[1_234_567] ^= 1;
        await cluster.WriteAsync("wrong", content);
        await cluster.WriteAsync("short", content[..3]);
        return cluster;
    }
}
