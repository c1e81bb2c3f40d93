using ShakenFist.Blobs.Emulator;

namespace ShakenFist.Blobs.Client.Tests;

/// <summary>Tests the deletion of artifacts and versions, above all when a response is lost.</summary>
public sealed class ArtifactChangeTests
{
    public static TheoryData<ServerGeneration> Generations => [.. Enum.GetValues<ServerGeneration>()];

    private static readonly Fault[] Lost =
    [
        // The server carries out the request in the first two cases only.
        new() { Kind = FaultKind.CutAfter }, new() { Kind = FaultKind.TruncateJson }, new() { Kind = FaultKind.CutBeforeHeaders }, new() { Kind = FaultKind.Status, Status = 503 },
    ];

    public static TheoryData<int, bool> LostAnswers => new() { { 0, true }, { 1, true }, { 2, false }, { 3, false } };

    private static EmulatedArtifact Add(Cluster cluster, string space = "banana")
    {
        EmulatedArtifact artifact = new() { Name = "debian", Namespace = space };
        for (int i = 0; i < 3; i++)
        {
            artifact.Add(cluster.State.AddBlob(EmulatedBlob.Generated(1000, i)));
        }

        return cluster.State.AddArtifact(artifact);
    }

    private static int Changes(Cluster cluster) => cluster.Emulator.Requests.Count(r => r.Path.StartsWith("/artifacts/", StringComparison.Ordinal) && r.Method is "DELETE" or "POST" && r.Path != "/auth");

    [Theory]
    [MemberData(nameof(Generations))]
    public async Task A_version_is_removed_and_its_blob_is_deleted_unless_others_use_it(ServerGeneration generation)
    {
        await using Cluster cluster = await Cluster.StartAsync(generation);
        EmulatedArtifact artifact = Add(cluster);
        EmulatedBlob kept = cluster.State.Blob(artifact.Versions[2])!;
        kept.ReferenceCount = 2;
        EmulatedBlob removed = cluster.State.Blob(artifact.Versions[1])!;
        SfSession session = await cluster.ConnectAsync(@namespace: "banana");

        await session.RemoveArtifactVersionAsync(artifact.Uuid, 1, allowLast: true, cluster.Log, Limit.Token);
        await session.RemoveArtifactVersionAsync(artifact.Uuid, 2, allowLast: true, cluster.Log, Limit.Token);

        Assert.Equal([3], artifact.Versions.Keys);
        Assert.Equal(("deleted", "created", 1), (removed.State, kept.State, kept.ReferenceCount));
    }

    [Fact]
    public async Task A_version_of_a_deleted_artifact_or_one_that_does_not_exist_is_never_deleted()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        EmulatedArtifact artifact = Add(cluster);
        foreach (Guid blob in artifact.Versions.Values)
        {
            cluster.State.Blob(blob)!.ReferenceCount = 2;
        }

        SfSession session = await cluster.ConnectAsync(@namespace: "banana");
        await SfAssert.ThrowsAsync(SfErrors.ArtifactVersionNotFound, () => session.RemoveArtifactVersionAsync(artifact.Uuid, 9, allowLast: true, cluster.Log, Limit.Token));
        Assert.Equal(0, Changes(cluster));
        await session.RemoveArtifactAsync(artifact.Uuid, cluster.Log, Limit.Token);
        await SfAssert.ThrowsAsync(SfErrors.ArtifactNotFound, () => session.RemoveArtifactVersionAsync(artifact.Uuid, 1, allowLast: true, cluster.Log, Limit.Token));

        Assert.Equal(1, Changes(cluster));
        Assert.All(artifact.Versions.Values, blob => Assert.Equal((1, "created"), (cluster.State.Blob(blob)!.ReferenceCount, cluster.State.Blob(blob)!.State)));
    }

    [Fact]
    public async Task The_last_version_is_deleted_only_if_that_is_allowed()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        EmulatedArtifact artifact = Add(cluster);
        SfSession session = await cluster.ConnectAsync(@namespace: "banana");
        await session.RemoveArtifactVersionAsync(artifact.Uuid, 1, allowLast: false, cluster.Log, Limit.Token);
        await session.RemoveArtifactVersionAsync(artifact.Uuid, 2, allowLast: false, cluster.Log, Limit.Token);
        await SfAssert.ThrowsAsync(SfErrors.ForceRequired, () => session.RemoveArtifactVersionAsync(artifact.Uuid, 3, allowLast: false, cluster.Log, Limit.Token));
        Assert.Equal((2, "created"), (Changes(cluster), artifact.State));
    }

    [Theory]
    [MemberData(nameof(LostAnswers))]
    public async Task The_deletion_of_a_version_is_sent_once_even_if_its_response_is_lost(int fault, bool isDone)
    {
        await using Cluster cluster = await Cluster.StartAsync();
        EmulatedArtifact artifact = Add(cluster);
        SfSession session = await cluster.ConnectAsync(@namespace: "banana", resilient: true);
        cluster.Faults.Add(Lost[fault] with { Method = "DELETE", Path = "/artifacts/*" });

        Task removing = session.RemoveArtifactVersionAsync(artifact.Uuid, 1, allowLast: true, cluster.Log, Limit.Token);
        if (isDone)
        {
            await removing;
        }
        else
        {
            await SfAssert.ThrowsAsync(SfErrors.OutcomeUnknown, () => removing);
        }

        Assert.Equal(1, Changes(cluster));
        Assert.Equal(isDone ? [2, 3] : [1, 2, 3], artifact.Versions.Keys);
    }

    [Theory]
    [MemberData(nameof(LostAnswers))]
    public async Task The_deletion_of_an_artifact_is_sent_again_only_if_it_had_no_effect(int fault, bool isDone)
    {
        await using Cluster cluster = await Cluster.StartAsync();
        EmulatedArtifact artifact = Add(cluster);
        EmulatedBlob shared = cluster.State.Blob(artifact.Versions[1])!;
        shared.ReferenceCount = 2;
        SfSession session = await cluster.ConnectAsync(@namespace: "banana", resilient: true);
        cluster.Faults.Add(Lost[fault] with { Method = "DELETE", Path = "/artifacts/*" });

        await session.RemoveArtifactAsync(artifact.Uuid, cluster.Log, Limit.Token);

        Assert.Equal(isDone ? 1 : 2, Changes(cluster));
        Assert.Equal(("deleted", 1, "created"), (artifact.State, shared.ReferenceCount, shared.State));
    }

    [Fact]
    public async Task A_deletion_that_fails_twice_or_cannot_be_checked_has_an_unknown_outcome()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        EmulatedArtifact artifact = Add(cluster);
        SfSession session = await cluster.ConnectAsync(@namespace: "banana");
        cluster.Faults.Add(new Fault { Method = "DELETE", Path = "/artifacts/*", Kind = FaultKind.CutBeforeHeaders, Times = int.MaxValue });

        await SfAssert.ThrowsAsync(SfErrors.OutcomeUnknown, () => session.RemoveArtifactAsync(artifact.Uuid, cluster.Log, Limit.Token));
        Assert.Equal(2, Changes(cluster));
        cluster.Faults.Add(new Fault { Path = "/artifacts/*", Kind = FaultKind.Status, Status = 500, Times = int.MaxValue });
        SfException e = await SfAssert.ThrowsAsync(SfErrors.OutcomeUnknown, () => session.RemoveArtifactAsync(artifact.Uuid, cluster.Log, Limit.Token));

        Assert.Contains("cannot be requested", e.Message, StringComparison.Ordinal);
        Assert.Equal(3, Changes(cluster));
    }

    [Theory]
    [MemberData(nameof(Generations))]
    public async Task Artifacts_of_other_namespaces_cannot_be_changed(ServerGeneration generation)
    {
        await using Cluster cluster = await Cluster.StartAsync(generation);
        EmulatedArtifact artifact = Add(cluster, "system");
        SfSession session = await cluster.ConnectAsync(@namespace: "banana");

        await SfAssert.ThrowsAsync(SfErrors.ArtifactNotFound, () => session.RemoveArtifactAsync(artifact.Uuid, cluster.Log, Limit.Token));
        await SfAssert.ThrowsAsync(SfErrors.ArtifactNotFound, () => session.SetArtifactMaxVersionsAsync(artifact.Uuid, 1, cluster.Log, Limit.Token));

        Assert.Equal(3, artifact.Versions.Count);
    }

    [Theory]
    [InlineData(0, 3)]
    [InlineData(2, 2)]
    [InlineData(5, 3)]
    public async Task The_maximum_number_of_versions_removes_the_oldest(int max, int left)
    {
        await using Cluster cluster = await Cluster.StartAsync();
        EmulatedArtifact artifact = Add(cluster);
        SfSession session = await cluster.ConnectAsync(@namespace: "banana");

        await session.SetArtifactMaxVersionsAsync(artifact.Uuid, max, cluster.Log, Limit.Token);

        Assert.Equal((max, left, 3), (artifact.MaxVersions, artifact.Versions.Count, artifact.Versions.Keys.Last()));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => session.SetArtifactMaxVersionsAsync(artifact.Uuid, -1, cluster.Log, Limit.Token));
    }

    [Theory]
    [MemberData(nameof(LostAnswers))]
    public async Task A_maximum_is_sent_once_even_if_its_response_is_lost(int fault, bool isDone)
    {
        await using Cluster cluster = await Cluster.StartAsync();
        EmulatedArtifact artifact = Add(cluster);
        SfSession session = await cluster.ConnectAsync(@namespace: "banana", resilient: true);
        cluster.Faults.Add(Lost[fault] with { Method = "POST", Path = "/artifacts/*" });

        Task setting = session.SetArtifactMaxVersionsAsync(artifact.Uuid, 1, cluster.Log, Limit.Token);
        if (isDone)
        {
            await setting;
        }
        else
        {
            await SfAssert.ThrowsAsync(SfErrors.OutcomeUnknown, () => setting);
        }

        Assert.Equal((1, isDone ? 1 : 3), (Changes(cluster), artifact.Versions.Count));
    }
}
