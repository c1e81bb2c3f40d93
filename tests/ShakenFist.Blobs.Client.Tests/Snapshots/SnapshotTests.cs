using System.Text;
using Microsoft.Extensions.Time.Testing;
using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Snapshots;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Client.Tests.Snapshots;

public sealed class SnapshotTests
{
    private static readonly TimeSpan WaitLimit = TimeSpan.FromSeconds(60);

    public static TheoryData<ServerGeneration> Generations => [.. Enum.GetValues<ServerGeneration>()];

    private static EmulatedInstance AddInstance(Cluster cluster, bool uefi = false) => cluster.State.AddInstance(new EmulatedInstance
    {
        Namespace = "banana",
        Name = "web-1",
        Disks = [new("vda", "virtio", 20, Guid.NewGuid()), new("vdb", "virtio", null, null, SnapshotIgnores: true), new("vdc", "virtio", 5, null)],
        Extra = uefi ? new() { ["uefi"] = true } : [],
    });

    /// <summary>Takes snapshots, and returns the blobs and the errors.</summary>
    private static async Task<(List<SfBlob> Blobs, List<SfException> Errors)> TakeAsync(Cluster cluster, EmulatedInstance instance, SnapshotOptions? options = null, TimeSpan? limit = null, bool resilient = false)
    {
        SfSession session = await cluster.ConnectAsync(@namespace: "banana", resilient: resilient);
        SfInstance record = await session.GetInstanceAsync(instance.Uuid, cluster.Log, Limit.Token);
        using TimeLimit timeLimit = new(limit ?? WaitLimit, TimeProvider.System);
        List<SfBlob> blobs = [];
        List<SfException> errors = [];
        await new SnapshotRun(session, record, options ?? new(), timeLimit).RunAsync(
            blob =>
            {
                blobs.Add(blob);
                return Task.CompletedTask;
            },
            errors.Add,
            cluster.Log,
            Limit.Token);
        return (blobs, errors);
    }

    private static IEnumerable<string> Bodies(Cluster cluster) =>
        cluster.Emulator.Requests.Where(r => r.Method == "POST" && r.Path.EndsWith("/snapshot", StringComparison.Ordinal)).Select(r => Encoding.UTF8.GetString(r.Body.Span));

    [Theory]
    [MemberData(nameof(Generations))]
    public async Task All_disks_are_requested_together_and_the_blobs_have_their_origin(ServerGeneration generation)
    {
        await using Cluster cluster = await Cluster.StartAsync(generation);
        EmulatedInstance instance = AddInstance(cluster, uefi: true);
        cluster.State.Snapshots.Delay = TimeSpan.FromMilliseconds(700);

        (List<SfBlob> blobs, List<SfException> errors) = await TakeAsync(cluster, instance);

        Assert.Empty(errors);
        Assert.Equal([("web-1", "vda", 1L), ("web-1", "vdc", 1L), ("web-1", "nvram", 1L)], blobs.Select(b => (b.Instance!, b.Disk!, b.Version!.Value)));
        Assert.All(blobs, blob => Assert.Equal("created", blob.State));
        Assert.Equal($"{instance.Uuid:D}/vda", blobs[0].Artifact);
        Assert.Equal("""{"all":true}""", Assert.Single(Bodies(cluster)));
        Assert.Contains(cluster.Emulator.Requests, r => r.Path == $"/blobs/{blobs[0].Uuid:D}" && r.Status == 404);
    }

    [Fact]
    public async Task Each_specified_disk_is_requested_separately_and_a_failure_does_not_affect_the_others()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        EmulatedInstance instance = AddInstance(cluster);

        (List<SfBlob> blobs, List<SfException> errors) = await TakeAsync(cluster, instance, new() { Devices = ["vdz", "vdc"], Thin = true, MaxVersions = 5 });

        Assert.Equal("vdc", Assert.Single(blobs).Disk);
        Assert.Equal(SfErrors.SnapshotNotTaken, Assert.Single(errors).Error);
        Assert.Contains("disk vdz of instance 'web-1'", errors[0].Message, StringComparison.Ordinal);
        Assert.Equal(["""{"device":"vdz","thin":true,"max_versions":5}""", """{"device":"vdc","thin":true,"max_versions":5}"""], Bodies(cluster));
        Assert.Empty(cluster.Log.Warnings);
    }

    [Theory]
    [InlineData("created", false)]
    [InlineData("initial", true)]
    public async Task A_response_without_snapshots_is_an_error(string state, bool isUnplaced)
    {
        await using Cluster cluster = await Cluster.StartAsync();
        EmulatedInstance instance = AddInstance(cluster);
        instance.State = state;
        instance.Node = isUnplaced ? null : "sf-1";

        (List<SfBlob> blobs, List<SfException> errors) = await TakeAsync(cluster, instance, new() { Devices = ["vdb"] });

        Assert.Empty(blobs);
        Assert.Equal(SfErrors.SnapshotNotTaken, Assert.Single(errors).Error);
    }

    [Fact]
    public async Task An_instance_that_is_not_ready_is_requested_once()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        EmulatedInstance instance = AddInstance(cluster);
        instance.State = "creating";

        (_, List<SfException> errors) = await TakeAsync(cluster, instance, resilient: true);

        Assert.Equal(SfErrors.NotReady, Assert.Single(errors).Error);
        Assert.Single(Bodies(cluster));
    }

    public static TheoryData<Fault> LostAnswers => new()
    {
        new Fault { Kind = FaultKind.CutAfter },
        new Fault { Kind = FaultKind.TruncateJson },
        new Fault { Kind = FaultKind.CutBeforeHeaders },
        new Fault { Kind = FaultKind.Status, Status = 503 },
        new Fault { Kind = FaultKind.Status, Status = 500 },
    };

    [Theory]
    [MemberData(nameof(LostAnswers))]
    public async Task A_request_whose_response_is_lost_is_never_repeated(Fault fault)
    {
        await using Cluster cluster = await Cluster.StartAsync();
        EmulatedInstance instance = AddInstance(cluster);
        cluster.Faults.Add(fault with { Method = "POST", Path = "/instances/*" });

        (List<SfBlob> blobs, List<SfException> errors) = await TakeAsync(cluster, instance, resilient: true);

        Assert.Empty(blobs);
        Assert.Equal(SfErrors.OutcomeUnknown, Assert.Single(errors).Error);
        Assert.Contains("may have taken the snapshot", errors[0].Message, StringComparison.Ordinal);
        Assert.Single(Bodies(cluster));
    }

    [Fact]
    public async Task A_snapshot_that_never_appears_ends_with_a_timeout_that_names_it_and_the_others_are_returned()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        EmulatedInstance instance = AddInstance(cluster);
        cluster.State.Snapshots.CreateBlob = snapshot => snapshot.Device == "vda" ? null : SnapshotJobs.Generate(snapshot);

        (List<SfBlob> blobs, List<SfException> errors) = await TakeAsync(cluster, instance, limit: TimeSpan.FromSeconds(1));

        Assert.Equal("vdc", Assert.Single(blobs).Disk);
        Assert.Equal(SfErrors.WaitTimeout, Assert.Single(errors).Error);
        Assert.Contains("disk vda of instance 'web-1', blob ", errors[0].Message, StringComparison.Ordinal);
        Assert.Contains("does not exist yet", errors[0].Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("error")]
    [InlineData("deleted")]
    public async Task A_snapshot_in_a_final_state_is_an_error(string state)
    {
        await using Cluster cluster = await Cluster.StartAsync();
        EmulatedInstance instance = AddInstance(cluster);
        cluster.State.Snapshots.CreateBlob = snapshot =>
        {
            EmulatedBlob blob = SnapshotJobs.Generate(snapshot)!;
            blob.State = state;
            return blob;
        };

        (_, List<SfException> errors) = await TakeAsync(cluster, instance, new() { Devices = ["vda"] });

        Assert.Equal(SfErrors.BlobStateFinal, Assert.Single(errors).Error);
    }

    [Fact]
    public async Task The_wait_continues_through_an_outage_without_a_second_snapshot()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        EmulatedInstance instance = AddInstance(cluster);
        cluster.Faults.Add(new Fault { Path = "/blobs/*", Kind = FaultKind.CutBeforeHeaders, Times = 2 });
        cluster.Faults.Add(new Fault { Path = "/artifacts/*", Kind = FaultKind.Status, Status = 500, Times = int.MaxValue });

        (List<SfBlob> blobs, List<SfException> errors) = await TakeAsync(cluster, instance, new() { Devices = ["vda"] });

        Assert.Empty(errors);
        Assert.Null(Assert.Single(blobs).Version);
        Assert.Single(Bodies(cluster));
    }

    [Fact]
    public async Task A_missing_checksum_is_requested_and_awaited()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        EmulatedInstance instance = AddInstance(cluster);
        Task<string> asked = cluster.Log.SeesAsync("/checksum/sha512");
        Task<(List<SfBlob> Blobs, List<SfException> Errors)> taking = TakeAsync(cluster, instance, new() { Devices = ["vda"], WaitForChecksum = true });
        await asked;
        EmulatedBlob blob = cluster.State.Blobs.Single();
        blob.Sha512 = new string('a', 128);

        (List<SfBlob> blobs, List<SfException> errors) = await taking;

        Assert.Empty(errors);
        Assert.Equal(blob.Sha512, Assert.Single(blobs).Sha512);
    }

    [Fact]
    public async Task A_cluster_that_cannot_compute_checksums_is_refused()
    {
        await using Cluster cluster = await Cluster.StartAsync(ServerGeneration.B);
        SfSession session = await cluster.ConnectAsync(@namespace: "banana");

        SfException e = Assert.Throws<SfException>(() => SnapshotRun.RequireChecksums(session));

        Assert.Equal(SfErrors.CapabilityMissing, e.Error);
    }

    [Fact]
    public async Task The_description_names_the_versions_that_are_pushed_out()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        EmulatedInstance instance = AddInstance(cluster, uefi: true);
        for (int i = 0; i < 4; i++)
        {
            Assert.Empty((await TakeAsync(cluster, instance, new() { Devices = ["vda"], MaxVersions = 2 })).Errors);
        }

        SfSession session = await cluster.ConnectAsync(@namespace: "banana");
        List<SfArtifact> artifacts = await session.ListArtifactsAsync(cluster.Log, Limit.Token).ToListAsync(Limit.Token);
        SfInstance record = await session.GetInstanceAsync(instance.Uuid, cluster.Log, Limit.Token);
        using TimeLimit limit = new(WaitLimit, new FakeTimeProvider());

        SfArtifact artifact = Assert.Single(artifacts);
        Assert.Equal([3L, 4L], artifact.Versions.Select(version => version.Index));
        Assert.Equal(
            $"Take snapshots of disks vda, vdc, nvram. The cluster will delete version 3 of disk vda (blob {artifact.Versions[0].BlobUuid:D})",
            new SnapshotRun(session, record, new(), limit).Describe(artifacts));
        Assert.Equal("Take a snapshot of disk vdc", new SnapshotRun(session, record, new() { Devices = ["vdc"] }, limit).Describe(artifacts));
    }

    [Fact]
    public async Task A_number_of_versions_that_does_not_count_causes_a_warning()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        EmulatedInstance instance = AddInstance(cluster);
        _ = await TakeAsync(cluster, instance, new() { Devices = ["vda"] });
        Assert.Empty(cluster.Log.Warnings);

        _ = await TakeAsync(cluster, instance, new() { Devices = ["vda"], MaxVersions = 9 });

        Assert.Contains("keeps 3 snapshots of disk vda of instance 'web-1', not 9", Assert.Single(cluster.Log.Warnings), StringComparison.Ordinal);
    }
}
