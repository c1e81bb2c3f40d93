using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Model;

namespace ShakenFist.Blobs.Client.Tests;

public sealed class ReferenceWalkTests
{
    private readonly List<string> _visited = [];
    private readonly List<(SfException Error, object? Target)> _failed = [];

    private static Guid Id(int n) => Guid.Parse($"5f00000{n}-0000-4000-8000-000000000000");

    private static void Add(Cluster cluster, int n, params int[] uses)
    {
        EmulatedBlob blob = new() { Uuid = Id(n), DependsOn = uses.Length > 0 ? Id(uses[0]) : null };
        foreach (int other in uses)
        {
            blob.ReferencesFrom.Add(new EmulatedReference("blob", Id(n).ToString(), "depends_on", null, "blob", Id(other).ToString()));
        }

        cluster.State.AddBlob(blob);
    }

    private async Task<Cluster> WalkAsync(Action<Cluster> world, int depth, SfReferenceDirection direction = SfReferenceDirection.Uses, ServerGeneration generation = ServerGeneration.C, Func<string?, bool>? wanted = null)
    {
        Cluster cluster = await Cluster.StartAsync(generation);
        world(cluster);
        SfSession session = await cluster.ConnectAsync();
        await new ReferenceWalk(session.GetBlobAsync, direction, wanted ?? (_ => true), depth).RunAsync(
            [Id(1)],
            row =>
            {
                _visited.Add($"{row.BlobUuid.ToString()[7]}{(row.Direction == SfReferenceDirection.Uses ? ">" : "<")}{(Guid.TryParse(row.OtherUuid, out Guid other) ? other.ToString()[7..8] : "?")}");
                return Task.CompletedTask;
            },
            (error, target) => _failed.Add((error, target)),
            cluster.Log,
            Limit.Token);
        return cluster;
    }

    [Theory]
    [InlineData(1, "1>2")]
    [InlineData(2, "1>2 2>3")]
    [InlineData(3, "1>2 2>3 3>1")]
    [InlineData(1000, "1>2 2>3 3>1")]
    public async Task A_cycle_is_followed_once_and_a_depth_limit_ends_it_earlier(int depth, string met)
    {
        await using Cluster cluster = await WalkAsync(c => { Add(c, 1, 2); Add(c, 2, 3); Add(c, 3, 1); }, depth);
        Assert.Equal(met, string.Join(' ', _visited));
        Assert.Equal(Math.Min(depth, 3), cluster.Emulator.Requests.Count(r => r.Path.StartsWith("/blobs/", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task An_object_used_by_two_is_visited_once_and_both_references_are_output()
    {
        await using Cluster cluster = await WalkAsync(c => { Add(c, 1, 2, 3); Add(c, 2, 4); Add(c, 3, 4); Add(c, 4, 4); }, 10);
        Assert.Equal("1>2 1>3 2>4 3>4 4>4", string.Join(' ', _visited));
        Assert.Equal(1, cluster.Count("GET", $"/blobs/{Id(4)}"));
    }

    [Fact]
    public async Task A_blob_missing_in_a_chain_is_reported_and_the_walk_continues()
    {
        await using Cluster cluster = await WalkAsync(c => { Add(c, 1, 2, 3, 4); Add(c, 2, 5); Add(c, 4, 6); Add(c, 6); }, 10);
        Assert.Equal("1>2 1>3 1>4 2>5 4>6", string.Join(' ', _visited));
        Assert.Equal([Id(3), Id(5)], _failed.Select(f => f.Target).Cast<Guid>());
        Assert.All(_failed, f => Assert.Equal(SfErrors.BlobNotFound, f.Error.Error));
    }

    [Fact]
    public async Task A_first_blob_that_is_missing_is_reported_like_any_other()
    {
        await using Cluster cluster = await WalkAsync(_ => { }, 10);
        Assert.Equal(SfErrors.BlobNotFound, Assert.Single(_failed).Error.Error);
        Assert.Empty(_visited);
    }

    [Theory]
    [InlineData(ServerGeneration.A)]
    [InlineData(ServerGeneration.B)]
    public async Task On_older_servers_the_derived_references_are_followed_with_a_message(ServerGeneration generation)
    {
        await using Cluster cluster = await WalkAsync(c => { Add(c, 1, 2); Add(c, 2, 3); Add(c, 3); }, 10, generation: generation);
        Assert.Equal("1>2 2>3", string.Join(' ', _visited));
        Assert.Equal(3, cluster.Log.Verboses.Count(line => line.Contains("Deriving", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Excluded_references_are_neither_output_nor_followed_and_UsedBy_is_followed_too()
    {
        static void World(Cluster c)
        {
            Add(c, 1);
            Add(c, 2);
            EmulatedBlob blob = c.State.Blob(Id(1))!;
            blob.ReferencesTo.Add(new EmulatedReference("blob", Id(2).ToString(), "depends_on", null, "blob", Id(1).ToString()));
            blob.ReferencesTo.Add(new EmulatedReference("instance", Id(3).ToString(), "disk", "0", "blob", Id(1).ToString()));
            blob.ReferencesTo.Add(new EmulatedReference("blob", "not-a-uuid", "depends_on", null, "blob", Id(1).ToString()));
        }

        await using Cluster cluster = await WalkAsync(World, 10, SfReferenceDirection.Both, wanted: r => r == "depends_on");
        Assert.Equal("1<2 1<?", string.Join(' ', _visited));
        Assert.Empty(_failed);
        Assert.Equal(0, cluster.Count("GET", $"/blobs/{Id(3)}"));
    }
}
