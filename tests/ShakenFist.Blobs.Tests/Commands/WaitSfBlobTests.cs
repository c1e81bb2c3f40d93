using System.Diagnostics;
using System.Management.Automation;
using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Tests.Hosting;

namespace ShakenFist.Blobs.Tests.Commands;

public sealed class WaitSfBlobTests
{
    private const string Command = ",ShakenFist.Blobs.Commands.WaitSfBlobCommand";

    [Fact]
    public async Task A_blob_in_the_requested_state_is_output_immediately()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        EngineResult result = cluster.Run("$raw, $iso | Wait-SfBlob; Wait-SfBlob $initial -State Initial -TimeoutSeconds 0").Good;
        Assert.Equal([DemoCluster.RawDisk, DemoCluster.InstallMedium, DemoCluster.BeingFetched], result.Each<Guid>("Uuid"));
        Assert.Equal(3, cluster.Emulator.Requests.Count);
    }

    [Theory]
    [InlineData("", "created")]
    [InlineData("-State deleted", "deleted")]
    [InlineData("-State error", "error")]
    public async Task A_blob_that_changes_during_the_wait_is_output_in_its_new_state(string parameter, string state)
    {
        await using Cluster cluster = await StartAsync(state);
        PSObject blob = cluster.Run($"Wait-SfBlob $changing {parameter}").Only;
        Assert.Equal(state, blob.Get<string>("State"));
        Assert.Equal(2, cluster.Emulator.Requests.Count);
    }

    [Fact]
    public async Task A_blob_that_failed_can_still_be_waited_for_until_it_is_deleted()
    {
        await using Cluster cluster = await StartAsync("deleted", from: "error");
        Assert.Equal("deleted", cluster.Run("Wait-SfBlob $changing -State deleted").Only.Get<string>("State"));
    }

    [Theory]
    [InlineData("error")]
    [InlineData("deleted")]
    public async Task A_final_state_ends_the_wait_with_an_error(string state)
    {
        await using Cluster cluster = await StartAsync(state);
        EngineResult result = cluster.Run("$changing, $raw | Wait-SfBlob");
        Assert.Equal("BlobStateFinal" + Command, result.OnlyError.FullyQualifiedErrorId);
        Assert.Contains(state, result.OnlyError.ToString(), StringComparison.Ordinal);
        Assert.Equal(cluster.Engine["changing"]!.ToString(), result.OnlyError.TargetObject.ToString());
        Assert.Single(result.Output);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_timeout_is_an_error_and_the_next_blob_is_processed(int seconds)
    {
        await using Cluster cluster = await Cluster.StartAsync();
        EngineResult result = cluster.Run($"$initial, $raw | Wait-SfBlob -TimeoutSeconds {seconds}");
        Assert.Equal("WaitTimeout" + Command, result.OnlyError.FullyQualifiedErrorId);
        Assert.Contains("'initial'", result.OnlyError.ToString(), StringComparison.Ordinal);
        Assert.Single(result.Output);
    }

    [Fact]
    public async Task The_time_limit_applies_to_all_blobs_together()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        Stopwatch watch = Stopwatch.StartNew();
        EngineResult result = cluster.Run("$initial, $initial, $initial, $raw | Wait-SfBlob -TimeoutSec 1");
        Assert.InRange(watch.Elapsed.TotalSeconds, 0.9, 1.9);
        Assert.Equal(["WaitTimeout", "WaitTimeout", "WaitTimeout"], result.Errors.Select(e => e.FullyQualifiedErrorId.Split(',')[0]));
        Assert.Equal(DemoCluster.RawDisk, Assert.Single(result.Output).Get<Guid>("Uuid"));
    }

    [Fact]
    public async Task The_wait_shows_progress_and_completes_it()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        EngineResult result = cluster.Run("Wait-SfBlob $initial -TimeoutSeconds 1 -ErrorAction SilentlyContinue");
        Assert.Contains(result.Progress, p => p.StatusDescription.Contains("State: initial", StringComparison.Ordinal));
        Assert.Equal(ProgressRecordType.Completed, result.Progress[^1].RecordType);
    }

    [Fact]
    public async Task The_wait_can_be_stopped()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        Task met = cluster.Meet(new Fault { Path = "/blobs/*", Kind = FaultKind.Delay });
        using StoppableRun run = cluster.Engine.Start("Wait-SfBlob $initial");
        await run.StopAfterAsync(met);
        Assert.Empty(run.Stopped().Errors);
    }

    [Fact]
    public async Task A_blob_that_is_deleted_during_the_wait_is_not_found()
    {
        await using Cluster cluster = await StartAsync("initial");
        cluster.Emulator.Faults.Clear();
        Guid uuid = (Guid)cluster.Engine["changing"]!;
        _ = cluster.Meet(new Fault { Path = "/blobs/*", Kind = FaultKind.Delay, When = _ => Remove(cluster, uuid) });
        Assert.Equal("BlobNotFound" + Command, cluster.Run("Wait-SfBlob $changing").OnlyError.FullyQualifiedErrorId);
    }

    private static bool Remove(Cluster cluster, Guid uuid)
    {
        cluster.Emulator.State.RemoveBlob(uuid);
        return true;
    }

    /// <summary>A blob that is in another state from the second request on.</summary>
    private static async Task<Cluster> StartAsync(string state, string from = "initial")
    {
        Cluster cluster = await Cluster.StartAsync();
        EmulatedBlob blob = cluster.AddBlob("changing", 1000, b => b.State = from);
        cluster.Emulator.Faults.Add(new Fault
        {
            Path = "/blobs/*",
            Kind = FaultKind.Delay,
            Skip = 1,
            When = _ =>
            {
                if (cluster.Emulator.Requests.Count > 1)
                {
                    blob.State = state;
                }

                return true;
            },
        });
        return cluster;
    }
}
