using System.Management.Automation;
using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Tests.Hosting;
using ShakenFist.Blobs.Tests.Views;

namespace ShakenFist.Blobs.Tests.Commands;

public sealed class GetSfImageInfoTests
{
    private const string Suffix = ",ShakenFist.Blobs.Commands.GetSfImageInfoCommand";

    [Theory]
    [InlineData("Get-SfImageInfo $qcow2")]
    [InlineData("$qcow2 | Get-SfImageInfo")]
    [InlineData("\"$qcow2\" | Get-SfImageInfo")]
    [InlineData("Get-SfBlob $qcow2 | Get-SfImageInfo")]
    [InlineData("Get-SfImageInfo $qcow2 | Get-SfImageInfo")]
    [InlineData("[PSCustomObject]@{ BlobUuid = \"$qcow2\" } | Get-SfImageInfo -Session $session")]
    public async Task A_blobs_image_is_described(string script)
    {
        await using Cluster cluster = await Cluster.StartAsync();
        PSObject info = cluster.Run(script).Only;
        Assert.Equal("ShakenFist.Blobs.SfImageInfo", info.TypeNames[0]);
        Assert.Equal(DemoCluster.BaseImage, info.Get<Guid>("BlobUuid"));
        Assert.Equal("qcow2", info.Get<string>("FileFormat"));
        Assert.Equal("3", info.Get<string>("Version"));
        Assert.Equal(512L << 20, info.Get<long>("VirtualSize"));
        Assert.Equal(65536L, info.Get<long>("ClusterSize"));
        Assert.Null(info.Get<string>("Path"));
        Assert.Empty(info.Get<string[]>("Warnings"));
    }

    [Fact]
    public async Task Only_the_start_of_a_large_blob_is_fetched()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        PSObject info = cluster.Run("Get-SfImageInfo $large").Only;
        Assert.Equal(info.Get<long>("Size"), cluster.Emulator.State.Blob(DemoCluster.LargeDisk)!.Content!.Length);
        Assert.InRange(cluster.DataRequests.Count, 1, 3);
        Assert.All(cluster.DataRequests, r => Assert.Contains("limit=", r.Query, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_backing_file_of_an_image_is_reported()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        cluster.Engine["thin"] = DemoCluster.ThinImage;
        PSObject info = cluster.Run("Get-SfImageInfo $thin").Only;
        Assert.Equal(DemoCluster.BaseImage.ToString(), info.Get<string>("BackingFile"));
        Assert.Equal("qcow2", info.Get<string>("BackingFileFormat"));
        Assert.Equal("iso", cluster.Run("Get-SfImageInfo $iso").Only.Get<string>("FileFormat"));
    }

    [Theory]
    [InlineData("Get-SfImageInfo -Path \"$dir/d*.img\"")]
    [InlineData("Get-SfImageInfo -LiteralPath \"$dir/disk[1].img\"")]
    [InlineData("[PSCustomObject]@{ PSPath = \"$dir/disk[1].img\" } | Get-SfImageInfo")]
    public async Task A_local_file_is_described_without_a_cluster(string script)
    {
        await using Cluster cluster = await Cluster.StartAsync(connect: false);
        string path = cluster.PathOf("disk[1].img");
        await File.WriteAllBytesAsync(path, cluster.ContentOf(DemoCluster.BaseImage), TestContext.Current.CancellationToken);
        PSObject info = cluster.Run(script).Only;
        Assert.Equal("qcow2", info.Get<string>("FileFormat"));
        Assert.Equal(path, info.Get<string>("Path"));
        Assert.Null(info.Get<object>("BlobUuid"));
        Assert.Empty(cluster.Emulator.Requests);
    }

    [Theory]
    [InlineData("Get-SfImageInfo $unknown", "BlobNotFound" + Suffix)]
    [InlineData("Get-SfImageInfo $initial", "BlobNotReady" + Suffix)]
    [InlineData("Get-SfImageInfo -LiteralPath \"$dir/none.img\"", "FileNotFound" + Suffix)]
    [InlineData("Get-SfImageInfo -Path $dir", "FileNotFound" + Suffix)]
    [InlineData("Get-SfImageInfo -Path Env:PATH", "PathNotFileSystem" + Suffix)]
    [InlineData("'disk.img' | Get-SfImageInfo", "BlobUuidInvalid" + Suffix)]
    [InlineData("42 | Get-SfImageInfo", "InputObjectNotBound" + Suffix)]
    public async Task Input_that_cannot_be_described_is_an_error(string script, string id)
    {
        await using Cluster cluster = await Cluster.StartAsync();
        EngineResult result = cluster.Run(script);
        Assert.Equal(id, result.OnlyError.FullyQualifiedErrorId);
        Assert.Empty(result.Output);
    }

    [Fact]
    public async Task After_a_failed_input_the_others_are_processed()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        EngineResult result = cluster.Run("$qcow2, $unknown, $iso | Get-SfImageInfo");
        Assert.Equal(["qcow2", "iso"], result.Each<string>("FileFormat"));
        Assert.Single(result.Errors);
    }

    [Fact]
    public async Task A_description_can_be_created_by_a_user_and_its_view_does_not_control_the_terminal()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        const string script = """
            [ShakenFist.Blobs.SfImageInfo]@{
                BlobUuid = $raw; FileFormat = 'qcow2'; VirtualSize = 5GB; BackingFile = "a`e[2Jb"; Label = "l`e]0;x`a"; Encryption = 'luks'; SnapshotCount = 2
                Warnings = 'one', 'two'; Features = @("f`e[0m"); Details = [ordered]@{ "k`e" = "v`e[1m"; List = "x`e", 'y' }
                Partitions = @([ShakenFist.Blobs.SfImagePartition]@{ Number = 1; Type = 'EFI system'; Name = "n`e[3m"; Offset = 1MB; Size = 100MB })
            }
            """;
        PSObject info = cluster.Run(script).Only;
        cluster.Engine["live"] = info;
        PSObject dead = cluster.Run("[Management.Automation.PSSerializer]::Deserialize([Management.Automation.PSSerializer]::Serialize($live, 4))").Only;
        foreach (PSObject item in (PSObject[])[info, dead])
        {
            string table = string.Join('\n', ViewEngine.Show(item, asList: false));
            Assert.Contains("5.00 GiB 2 warnings, l", table, StringComparison.Ordinal);
            string list = string.Join('\n', ViewEngine.Show(item, asList: true));
            Assert.Contains("Warnings", list, StringComparison.Ordinal);
            Assert.Contains("1 EFI system, 100 MiB", list, StringComparison.Ordinal);
            string partitions = string.Join('\n', ViewEngine.Show(info.Get<object>("Partitions"), asList: false));
            Assert.Contains("EFI system", partitions, StringComparison.Ordinal);
            string all = table + list + partitions;
            Assert.DoesNotContain('\u001b', all);
            Assert.DoesNotContain('\a', all);
            Assert.All(all.Split('\n'), line => Assert.True(line.Length <= 80, line));
        }
    }
}
