using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Tests.Hosting;

namespace ShakenFist.Blobs.Tests.Commands;

/// <summary>Tests finding a blob by local files.</summary>
public sealed class FindSfBlobByFileTests
{
    private const string Command = ",ShakenFist.Blobs.Commands.FindSfBlobByHashCommand";

    [Theory]
    [InlineData("Find-SfBlobByHash -Path \"$dir/raw.img\"")]
    [InlineData("Find-SfBlobByHash -Path \"$dir/r*.img\" -Algorithm SHA512")]
    [InlineData("Find-SfBlobByHash -Path \"$dir/raw.img\" -Algorithm SHA256")]
    [InlineData("Find-SfBlobByHash -Path \"$dir/raw.img\" -Algorithm SHA1")]
    [InlineData("Find-SfBlobByHash -Path \"$dir/raw.img\" -Algorithm XXH128")]
    [InlineData("Find-SfBlobByHash -LiteralPath \"$dir/raw.img\"")]
    [InlineData("Find-SfBlobByHash -LP \"$dir/raw.img\"")]
    [InlineData("$item | Find-SfBlobByHash")]
    [InlineData("$item | Find-SfBlobByHash -Algorithm SHA256")]
    [InlineData("[PSCustomObject]@{ PSPath = \"Microsoft.PowerShell.Core\\FileSystem::$dir/raw.img\" } | Find-SfBlobByHash")]
    [InlineData("[PSCustomObject]@{ LiteralPath = \"$dir/raw.img\" } | Find-SfBlobByHash")]
    [InlineData("Set-Location -LiteralPath $dir; Find-SfBlobByHash -Path raw.img")]
    public async Task A_file_finds_the_blob_with_the_same_data(string script)
    {
        await using Cluster cluster = await StartAsync();
        Assert.Equal(DemoCluster.RawDisk, cluster.Run(script).Only.Get<Guid>("Uuid"));
    }

    [Fact]
    public async Task Files_whose_names_differ_only_in_wildcard_characters_are_distinguished()
    {
        await using Cluster cluster = await StartAsync();
        await cluster.WriteAsync("a[1].img", cluster.ContentOf(DemoCluster.InstallMedium));
        await cluster.WriteAsync("a1.img", cluster.ContentOf(DemoCluster.RawDisk));
        EngineResult result = cluster.Run("""
            Find-SfBlobByHash -LiteralPath "$dir/a[1].img"
            Find-SfBlobByHash -Path "$dir/a[1].img"
            Find-SfBlobByHash -Path "$dir/a``[1``].img"
            [PSCustomObject]@{ PSPath = "$dir/a[1].img" } | Find-SfBlobByHash
            """).Good;
        Assert.Equal([DemoCluster.InstallMedium, DemoCluster.RawDisk, DemoCluster.InstallMedium, DemoCluster.InstallMedium], result.Each<Guid>("Uuid"));
    }

    [Fact]
    public async Task A_file_that_no_blob_matches_is_reported_with_its_name()
    {
        await using Cluster cluster = await StartAsync();
        await cluster.WriteAsync("mine.txt", "mine"u8.ToArray());
        EngineResult result = cluster.Run("Find-SfBlobByHash -Path \"$dir/*\" -Required");
        Assert.Single(result.Output);
        Assert.Equal("HashNotFound" + Command, result.OnlyError.FullyQualifiedErrorId);
        Assert.Equal(cluster.PathOf("mine.txt"), result.OnlyError.TargetObject.ToString());
        Assert.Contains("mine.txt", result.OnlyError.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Find-SfBlobByHash -Path \"$dir/none.img\", \"$dir/raw.img\"", "FileNotFound", 1)]
    [InlineData("Find-SfBlobByHash -LiteralPath \"$dir/*.img\"", "FileNotFound", 0)]
    [InlineData("Find-SfBlobByHash -Path $dir", "FileNotFound", 0)]
    [InlineData("Find-SfBlobByHash -Path 'Variable:\\dir'", "PathNotFileSystem", 0)]
    [InlineData("Find-SfBlobByHash -Path 'nodrive:\\x'", "PathNotFileSystem", 0)]
    public async Task Input_that_is_not_a_file_is_an_error_and_the_other_files_are_processed(string script, string id, int found)
    {
        await using Cluster cluster = await StartAsync();
        EngineResult result = cluster.Run(script);
        Assert.Equal(id + Command, result.OnlyError.FullyQualifiedErrorId);
        Assert.Equal(found, result.Output.Count);
    }

    [Fact]
    public async Task A_wildcard_that_matches_nothing_sends_no_request()
    {
        await using Cluster cluster = await StartAsync();
        Assert.Empty(cluster.Run("Find-SfBlobByHash -Path \"$dir/*.nothing\"").Good.Output);
        Assert.Empty(cluster.Emulator.Requests);
    }

    [Theory]
    [InlineData(ServerGeneration.A)]
    [InlineData(ServerGeneration.B)]
    public async Task Servers_that_search_only_by_SHA_512_are_searched_by_it_for_any_algorithm(ServerGeneration generation)
    {
        await using Cluster cluster = await StartAsync(generation);
        EngineResult result = cluster.Run("Find-SfBlobByHash -Path \"$dir/raw.img\" -Algorithm SHA256 -Verbose").Good;
        Assert.Equal(DemoCluster.RawDisk, result.Only.Get<Guid>("Uuid"));
        Assert.Contains(result.Verbose, v => v.Contains("by SHA512 instead of SHA256", StringComparison.Ordinal));
        Assert.StartsWith("/blob_checksums/sha512/", Assert.Single(cluster.Emulator.Requests).Path, StringComparison.Ordinal);
    }

    private static async Task<Cluster> StartAsync(ServerGeneration generation = ServerGeneration.C)
    {
        Cluster cluster = await Cluster.StartAsync(new EmulatorOptions { Generation = generation });
        await cluster.WriteAsync("raw.img", cluster.ContentOf(DemoCluster.RawDisk));
        cluster.Engine["item"] = cluster.Run("Get-Item -LiteralPath \"$dir/raw.img\"").Only;
        return cluster;
    }
}
