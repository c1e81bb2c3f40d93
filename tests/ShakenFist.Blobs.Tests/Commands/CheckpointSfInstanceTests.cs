using System.Management.Automation;
using System.Text;
using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Tests.Hosting;

namespace ShakenFist.Blobs.Tests.Commands;

public sealed class CheckpointSfInstanceTests
{
    private const string Command = ",ShakenFist.Blobs.Commands.CheckpointSfInstanceCommand";

    private static async Task<Cluster> StartAsync(EmulatorOptions? options = null)
    {
        Cluster cluster = await Cluster.StartAsync(options, connect: false);
        _ = cluster.Run("$session = Connect-ShakenFist $url $user").Good;
        cluster.Emulator.ClearRequests();
        return cluster;
    }

    private static string[] Bodies(Cluster cluster) =>
        [.. cluster.Emulator.Requests.Where(r => r.Method == "POST").Select(r => Encoding.UTF8.GetString(r.Body.Span))];

    [Theory]
    [InlineData("Checkpoint-SfInstance web-1", "web-1 vda v1")]
    [InlineData("Checkpoint-SfInstance db-1", "db-1 vda v3", "db-1 vdc v1")]
    [InlineData("Checkpoint-SfInstance db-1, web-1", "db-1 vda v3", "db-1 vdc v1", "web-1 vda v1")]
    [InlineData("Checkpoint-SfInstance db-1 -Disk vdc", "db-1 vdc v1")]
    [InlineData("Checkpoint-SfInstance db-1 -Disk vd*", "db-1 vda v3", "db-1 vdc v1")]
    [InlineData("'web-1' | Checkpoint-SfInstance", "web-1 vda v1")]
    [InlineData("'web-1', 'web-1' | Checkpoint-SfInstance", "web-1 vda v1")]
    [InlineData("Checkpoint-SfInstance web-1, (Get-SfInstance web-1).Uuid", "web-1 vda v1")]
    [InlineData("Get-SfInstance web-1 | Checkpoint-SfInstance", "web-1 vda v1")]
    [InlineData("Checkpoint-SfInstance -Uuid (Get-SfInstance web-1).Uuid", "web-1 vda v1")]
    [InlineData("Checkpoint-SfInstance (Get-SfInstance web-1).Uuid", "web-1 vda v1")]
    public async Task The_blobs_of_the_snapshots_are_output_with_their_names(string script, params string[] names)
    {
        await using Cluster cluster = await StartAsync();
        Assert.Equal(names, cluster.Run(script).Good.Output.Select(blob => blob.Text("Name")));
    }

    [Fact]
    public async Task A_running_instance_is_backed_up_by_one_line()
    {
        await using Cluster cluster = await StartAsync();
        cluster.Emulator.State.Snapshots.Delay = TimeSpan.FromMilliseconds(700);
        EngineResult result = cluster.Run("Checkpoint-SfInstance db-1 | Save-SfBlobData -Path $dir -Verification IfAvailable");
        Assert.Empty(result.Errors);
        Assert.Equal(["db-1-vda-3.raw", "db-1-vdc-1.raw"], cluster.Files);
    }

    [Fact]
    public async Task The_parameters_are_sent()
    {
        await using Cluster cluster = await StartAsync();
        _ = cluster.Run("Checkpoint-SfInstance web-1 -Thin -MaxVersions 7").Good;
        Assert.Equal("""{"all":true,"thin":true,"max_versions":7}""", Assert.Single(Bodies(cluster)));
    }

    [Theory]
    [InlineData("Checkpoint-SfInstance none, web-1", "InstanceNotFound")]
    [InlineData("Checkpoint-SfInstance $unknown, web-1", "InstanceNotFound")]
    [InlineData("Checkpoint-SfInstance web-1 -Disk vdz, vda", "SnapshotNotTaken")]
    [InlineData("Checkpoint-SfInstance web-1, db-1 -Disk vdc*", "DiskNotFound")]
    public async Task A_failure_is_an_error_and_the_others_are_processed(string script, string id)
    {
        await using Cluster cluster = await StartAsync();
        EngineResult result = cluster.Run(script);
        Assert.Equal(id + Command, result.OnlyError.FullyQualifiedErrorId);
        Assert.Single(result.Output);
    }

    [Fact]
    public async Task An_instance_that_is_being_created_is_not_ready()
    {
        await using Cluster cluster = await StartAsync();
        foreach (EmulatedInstance instance in cluster.Emulator.State.Instances.Where(instance => instance.Name == "web-1"))
        {
            instance.State = "creating";
        }

        Assert.Equal("NotReady" + Command, cluster.Run("Checkpoint-SfInstance web-1").OnlyError.FullyQualifiedErrorId);
        Assert.Single(Bodies(cluster));
    }

    [Fact]
    public async Task A_snapshot_that_never_appears_is_a_timeout_after_which_the_next_instance_is_output()
    {
        await using Cluster cluster = await StartAsync();
        cluster.Emulator.State.Snapshots.CreateBlob = snapshot => snapshot.Instance.Name == "web-1" ? null : SnapshotJobs.Generate(snapshot);
        EngineResult result = cluster.Run("Checkpoint-SfInstance web-1, db-1 -TimeoutSeconds 1");
        Assert.Equal("WaitTimeout" + Command, result.OnlyError.FullyQualifiedErrorId);
        Assert.Equal(2, result.Output.Count);
        Assert.Contains(result.Progress, p => p.StatusDescription.Contains("0 of 1 disks", StringComparison.Ordinal));
        Assert.Equal(ProgressRecordType.Completed, result.Progress[^1].RecordType);
    }

    [Fact]
    public async Task WhatIf_takes_no_snapshot_and_names_the_version_that_is_pushed_out()
    {
        await using Cluster cluster = await StartAsync();
        EmulatedArtifact artifact = cluster.Emulator.State.Artifacts.Single(artifact => artifact.Type == "snapshot");
        artifact.MaxVersions = 1;
        EngineResult result = cluster.Run("Checkpoint-SfInstance db-1 -WhatIf").Good;
        Assert.Empty(result.Output);
        Assert.Empty(Bodies(cluster));
        Assert.Contains($"version 2 of disk vda (blob {DemoCluster.Snapshot:D})", result.Shown, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_prompt_the_artifacts_are_not_listed()
    {
        await using Cluster cluster = await StartAsync();
        _ = cluster.Run("Checkpoint-SfInstance web-1 -Confirm:$false").Good;
        Assert.Equal(["GET /instances", "POST /instances/*/snapshot", "GET /blobs/*", "GET /artifacts/*"], cluster.Emulator.Requests.Select(Shape));

        static string Shape(RequestRecord request) => $"{request.Method} {System.Text.RegularExpressions.Regex.Replace(request.Path, "[0-9a-f-]{36}", "*")}";
    }

    [Fact]
    public async Task A_missing_capability_ends_the_command_before_a_snapshot_is_taken()
    {
        await using Cluster cluster = await StartAsync(new EmulatorOptions { Generation = ServerGeneration.B });
        EngineResult result = cluster.Run("Checkpoint-SfInstance web-1 -WaitForChecksum");
        Assert.Equal("CapabilityMissing" + Command, result.OnlyError.FullyQualifiedErrorId);
        Assert.Empty(Bodies(cluster));
    }

    [Fact]
    public async Task A_stop_keeps_the_snapshot_and_says_which()
    {
        await using Cluster cluster = await StartAsync();
        cluster.Emulator.State.Snapshots.Delay = Timeout.InfiniteTimeSpan;
        Task met = cluster.Meet(new Fault { Path = "/blobs/*", Kind = FaultKind.Delay });
        using StoppableRun run = cluster.Engine.Start("Checkpoint-SfInstance web-1");
        await run.StopAfterAsync(met);
        EngineResult stopped = run.Stopped();
        Assert.Empty(stopped.Errors);
        string path = cluster.Emulator.Requests.Last(r => r.Path.StartsWith("/blobs/", StringComparison.Ordinal)).Path;
        Assert.Contains($"vda (blob {path[7..]})", stopped.Shown, StringComparison.Ordinal);
        Assert.Single(Bodies(cluster));
        cluster.Emulator.State.Snapshots.RunAll();
        Assert.Single(cluster.Run("Get-SfBlob -Instance web-1 -Snapshot").Good.Output);
    }

    [Fact]
    public async Task A_job_takes_the_snapshots_and_says_which_it_keeps_when_it_is_stopped()
    {
        await using Cluster cluster = await StartAsync();
        EngineResult done = cluster.Run("$job = Checkpoint-SfInstance web-1 -AsJob; $job.PSJobTypeName; $job | Wait-Job | Receive-Job -Wait -AutoRemoveJob | ForEach-Object Name").Good;
        Assert.Equal(["SfCheckpointJob", "web-1 vda v1"], done.Output.Select(o => o.ToString()));

        cluster.Emulator.State.Snapshots.Delay = Timeout.InfiniteTimeSpan;
        Task met = cluster.Meet(new Fault { Path = "/blobs/*", Kind = FaultKind.Delay });
        _ = cluster.Run("$job = Checkpoint-SfInstance web-1 -AsJob").Good;
        await met;
        EngineResult stopped = cluster.Run("$job.StopJob(); $job.JobStateInfo.State; $job.Warning | ForEach-Object Message").Good;
        Assert.Equal("Stopped", stopped.Output[0].ToString());
        Assert.Contains("still creates them: vda (blob ", stopped.Output[1].ToString(), StringComparison.Ordinal);
    }
}
