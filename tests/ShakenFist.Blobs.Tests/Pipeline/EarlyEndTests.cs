using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Tests.Hosting;

namespace ShakenFist.Blobs.Tests.Pipeline;

/// <summary>Tests pipelines that end before all work is done: no work continues in the background.</summary>
public sealed class EarlyEndTests
{
    [Theory]
    [InlineData("do { Get-SfBlob | ForEach-Object { $_; break } } while ($false)")]
    [InlineData("do { $raw, $iso, $qcow2 | Get-SfBlob | ForEach-Object { $_; break } } while ($false)")]
    [InlineData("do { Get-SfArtifact | ForEach-Object { $_; break } } while ($false)")]
    [InlineData("do { Get-SfInstance | ForEach-Object { $_; break } } while ($false)")]
    [InlineData("do { 'database', 'debian-13' | Get-SfBlob -AllVersions | ForEach-Object { $_; break } } while ($false)")]
    [InlineData("do { $raw, $iso | Save-SfBlobData -Path $dir -PassThru | ForEach-Object { $_; break } } while ($false)")]
    public async Task Select_First_outputs_the_first_and_sends_no_further_request(string script)
    {
        await using Cluster cluster = await Cluster.StartAsync();
        Assert.Single(cluster.Run(script).Good.Output);
        int requests = cluster.Emulator.Requests.Count;
        Assert.InRange(requests, 1, 4);
        Assert.InRange(cluster.Files.Length, 0, 4);

        // The session can still be used.
        Assert.Single(cluster.Run("Get-SfBlob $raw").Good.Output);
        Assert.Equal(requests + 1, cluster.Emulator.Requests.Count);
    }

    [Theory]
    [InlineData("Get-SfBlob")]
    [InlineData("$raw, $iso | Get-SfBlob")]
    [InlineData("$raw, $iso | Save-SfBlobData -Path $dir -PassThru")]
    public async Task A_downstream_command_that_throws_ends_the_pipeline_with_its_own_error(string source)
    {
        await using Cluster cluster = await Cluster.StartAsync();
        EngineResult result = cluster.Run($"$n = 0; try {{ {source} | ForEach-Object {{ $n++; throw 'mine' }} }} catch {{ \"$_ $n\" }}");
        Assert.Equal("mine 1", result.Only.ToString());
        AssertNothingOrResumable(cluster);
    }

    [Fact]
    public async Task A_transfer_that_ErrorAction_Stop_ends_sends_no_further_request()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        EngineResult result = cluster.Run("$raw, $unknown, $iso | Save-SfBlobData -Path $dir -ErrorAction Stop");
        Assert.Equal("BlobNotFound,ShakenFist.Blobs.Commands.SaveSfBlobDataCommand", result.Ended?.FullyQualifiedErrorId);
        Assert.Contains($"{DemoCluster.RawDisk}.raw", cluster.Files);
        AssertNothingOrResumable(cluster);
        int requests = cluster.Emulator.Requests.Count;
        await Task.Delay(200, TestContext.Current.CancellationToken);
        Assert.Equal(requests, cluster.Emulator.Requests.Count);
    }

    [Theory]
    [InlineData("Continue", 2, 1)]
    [InlineData("SilentlyContinue", 2, 1)]
    [InlineData("Ignore", 2, 0)]
    public async Task Each_error_action_has_its_effect(string action, int objects, int errors)
    {
        await using Cluster cluster = await Cluster.StartAsync();
        EngineResult result = cluster.Run($"$Error.Clear(); $raw, $unknown, $iso | Get-SfBlob -ErrorAction {action} -ErrorVariable mine; $count = $Error.Count");
        Assert.Equal(objects, result.Output.Count);
        Assert.Equal(action == "Continue" ? 1 : 0, result.Errors.Count);
        Assert.Equal(errors, cluster.Engine["count"]);
        Assert.Equal(errors, cluster.Run("$mine.Count").Only.BaseObject);
    }

    [Fact]
    public async Task WarningAction_Stop_ends_the_pipeline()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        EngineResult result = cluster.Run("Save-SfBlobData $snapshot, $raw $dir -WarningAction Stop");
        Assert.NotNull(result.Ended);
        AssertNothingOrResumable(cluster);
    }

    /// <summary>A temporary file has a journal, and the transfer can be resumed.</summary>
    private static void AssertNothingOrResumable(Cluster cluster) =>
        Assert.All(cluster.Run("Get-SfBlobTransfer $dir").Good.Output, t => Assert.Equal("Resumable", t.Text("State")));
}
