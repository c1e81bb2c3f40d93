using ShakenFist.Blobs.Emulator;

namespace ShakenFist.Blobs.Client.Tests;

public sealed class ArtifactTests
{
    public static TheoryData<ServerGeneration> Generations => [.. Enum.GetValues<ServerGeneration>()];

    /// <summary>Adds an artifact with one version.</summary>
    private static EmulatedArtifact Add(Cluster cluster, string @namespace, string name, bool shared = false, string? sourceUrl = null)
    {
        EmulatedBlob blob = cluster.State.AddBlob(EmulatedBlob.Generated(1000, seed: 1));
        EmulatedArtifact artifact = sourceUrl is null
            ? new EmulatedArtifact { Namespace = @namespace, Name = name, Shared = shared }
            : new EmulatedArtifact { Namespace = @namespace, Name = name, Shared = shared, SourceUrl = sourceUrl };
        return cluster.State.AddArtifact(artifact.Add(blob));
    }

    private static async Task<List<SfArtifact>> ListAsync(Cluster cluster, string @namespace) =>
        await (await cluster.ConnectAsync(@namespace: @namespace)).ListArtifactsAsync(cluster.Log, Limit.Token).ToListAsync(Limit.Token);

    [Theory]
    [MemberData(nameof(Generations))]
    public async Task The_list_contains_own_shared_and_trusting_artifacts(ServerGeneration generation)
    {
        await using Cluster cluster = await Cluster.StartAsync(generation);
        cluster.State.AddNamespace("friend", Cluster.Key);
        cluster.State.AddNamespace("stranger", Cluster.Key);
        cluster.State.Trust("friend", "banana");
        Add(cluster, "banana", "own");
        Add(cluster, "system", "shared", shared: true);
        Add(cluster, "friend", "trusting");
        Add(cluster, "stranger", "private");
        Add(cluster, "banana", "removed").State = "deleted";

        Assert.Equal(["own", "shared", "trusting"], (await ListAsync(cluster, "banana")).Select(a => a.Name).Order());
        Assert.Equal(["own", "private", "shared", "trusting"], (await ListAsync(cluster, "system")).Select(a => a.Name).Order());
        Assert.Equal(["private", "shared"], (await ListAsync(cluster, "stranger")).Select(a => a.Name).Order());
    }

    [Theory]
    [MemberData(nameof(Generations))]
    public async Task An_artifact_has_its_fields_and_versions(ServerGeneration generation)
    {
        await using Cluster cluster = await Cluster.StartAsync(generation);
        EmulatedBlob first = cluster.State.AddBlob(EmulatedBlob.Generated(1000, seed: 1));
        EmulatedBlob second = cluster.State.AddBlob(EmulatedBlob.Generated(2000, seed: 2));
        second.DependsOn = first.Uuid;
        second.Instances.Add(Guid.NewGuid());
        EmulatedArtifact emulated = cluster.State.AddArtifact(new EmulatedArtifact { Namespace = "banana", Name = "web", Type = "other", MaxVersions = 7 }.Add(first).Add(second));
        emulated.Metadata["team"] = "storage";
        emulated.Extra["colour"] = "blue";
        SfSession session = await cluster.ConnectAsync(@namespace: "banana");

        SfArtifact one = await session.GetArtifactAsync(emulated.Uuid, cluster.Log, Limit.Token);
        SfArtifact listed = Assert.Single(await session.ListArtifactsAsync(cluster.Log, Limit.Token).ToListAsync(Limit.Token));

        foreach (SfArtifact artifact in new[] { one, listed })
        {
            Assert.Equal((emulated.Uuid, "web", "other", "sf://upload/banana/web", "banana"), (artifact.Uuid, artifact.Name, artifact.Type, artifact.SourceUrl, artifact.Namespace));
            Assert.Equal((false, "created", 7L, second.Uuid), (artifact.Shared, artifact.State, artifact.MaxVersions, artifact.BlobUuid));
            Assert.Equal([(1L, first.Uuid, 1000L, null), (2L, second.Uuid, 2000L, (Guid?)first.Uuid)], artifact.Versions.Select(v => (v.Index, v.BlobUuid, v.Size!.Value, v.DependsOn)));
            Assert.Equal("storage", artifact.Metadata["team"]);
            Assert.Equal("blue", artifact.AdditionalProperties["colour"]);
            Assert.Equal(generation >= ServerGeneration.C, artifact.ReferencesFrom is not null);
        }

        Assert.Equal(second.Instances[0], Assert.Single(one.Versions[1].Instances!));
        Assert.Null(listed.Versions[1].Instances);
    }

    [Fact]
    public async Task A_reference_from_an_artifact_names_the_blob()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        EmulatedArtifact emulated = Add(cluster, "system", "web");
        SfArtifact artifact = await (await cluster.ConnectAsync()).GetArtifactAsync(emulated.Uuid, cluster.Log, Limit.Token);
        SfBlobReference row = Assert.Single(artifact.ReferencesFrom!["artifact_index"]);
        Assert.Equal((artifact.BlobUuid, SfReferenceDirection.Uses, "blob", "artifact"), (row.BlobUuid, row.Direction, row.OtherType, row.SourceObjectType));
    }

    [Theory]
    [MemberData(nameof(Generations))]
    public async Task An_artifact_of_another_namespace_is_found_by_UUID_as_the_generation_permits(ServerGeneration generation)
    {
        await using Cluster cluster = await Cluster.StartAsync(generation);
        Guid shared = Add(cluster, "system", "shared", shared: true).Uuid;
        Guid closed = Add(cluster, "system", "private").Uuid;
        SfSession session = await cluster.ConnectAsync(@namespace: "banana");
        if (generation >= ServerGeneration.C)
        {
            Assert.Equal(shared, (await session.GetArtifactAsync(shared, cluster.Log, Limit.Token)).Uuid);
            await SfAssert.ThrowsAsync(SfErrors.ArtifactNotFound, () => session.GetArtifactAsync(closed, cluster.Log, Limit.Token));
        }
        else
        {
            // The check of the older generations is inverted, and then fails.
            await SfAssert.ThrowsAsync(SfErrors.ServerError, () => session.GetArtifactAsync(shared, cluster.Log, Limit.Token));
            Assert.Equal(closed, (await session.GetArtifactAsync(closed, cluster.Log, Limit.Token)).Uuid);
        }
    }

    [Theory]
    [MemberData(nameof(Generations))]
    public async Task A_name_that_is_not_in_the_source_URL_is_found_by_the_server(ServerGeneration generation)
    {
        await using Cluster cluster = await Cluster.StartAsync(generation);
        Guid uuid = Add(cluster, "banana", "debian ✓", sourceUrl: "https://example.com/x/debian-13.qcow2").Uuid;
        SfSession session = await cluster.ConnectAsync(@namespace: "banana");

        SfArtifact? found = await session.FindArtifactByNameAsync("debian ✓", cluster.Log, Limit.Token);

        Assert.Equal((uuid, "debian ✓"), (found!.Uuid, found.Name));
        Assert.Equal("debian-13.qcow2", Assert.Single(await ListAsync(cluster, "banana")).Name);
        Assert.Null(await session.FindArtifactByNameAsync("debian-13.qcow2", cluster.Log, Limit.Token));
    }

    [Theory]
    [InlineData("a/b")]
    [InlineData("..")]
    [InlineData("aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee")]
    public async Task A_name_that_the_server_cannot_find_is_not_requested(string name)
    {
        await using Cluster cluster = await Cluster.StartAsync();
        Add(cluster, "banana", name);
        SfSession session = await cluster.ConnectAsync(@namespace: "banana");
        int before = cluster.Emulator.Requests.Count;
        Assert.Null(await session.FindArtifactByNameAsync(name, cluster.Log, Limit.Token));
        Assert.Equal(before, cluster.Emulator.Requests.Count);
    }

    [Theory]
    [MemberData(nameof(Generations))]
    public async Task A_name_of_several_artifacts_is_ambiguous(ServerGeneration generation)
    {
        await using Cluster cluster = await Cluster.StartAsync(generation);
        Add(cluster, "banana", "dup");
        Add(cluster, "banana", "dup", sourceUrl: "https://example.com/dup");
        SfSession session = await cluster.ConnectAsync(@namespace: "banana");
        SfException e = await SfAssert.ThrowsAsync(SfErrors.NameAmbiguous, () => session.FindArtifactByNameAsync("dup", cluster.Log, Limit.Token));
        Assert.Contains("dup", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_response_about_another_artifact_is_not_accepted()
    {
        using SfSession session = await ScriptedCluster.ConnectAsync(_ => ScriptedCluster.Text($$"""{"uuid": "{{Guid.NewGuid()}}"}"""));
        await SfAssert.ThrowsAsync(SfErrors.InvalidResponse, () => session.GetArtifactAsync(Guid.NewGuid(), NullLog.Instance, Limit.Token));
        await SfAssert.ThrowsAsync(SfErrors.InvalidResponse, () => session.GetInstanceAsync(Guid.NewGuid(), NullLog.Instance, Limit.Token));
    }
}
