using ShakenFist.Blobs.Graph;

namespace ShakenFist.Blobs.Client.Tests.Graph;

/// <summary>Tests how a graph is collected from blobs.</summary>
public sealed class GraphSourceTests
{
    private readonly List<Guid> _asked = [];
    private readonly Dictionary<Guid, SfBlob> _cluster = [];
    private readonly List<(SfError Error, object? Target)> _failures = [];

    public GraphSourceTests()
    {
        // 1 -> 2 -> 3 -> 1, and 4 -> 5, where 5 does not exist.
        foreach ((int from, int to) in ((int, int)[])[(1, 2), (2, 3), (3, 1), (4, 5)])
        {
            _cluster[Id(from)] = new SfBlob { Uuid = Id(from), DependsOn = Id(to), Size = from };
        }
    }

    [Fact]
    public async Task A_cycle_is_followed_once_and_each_blob_is_requested_once()
    {
        BlobGraph graph = await FollowAsync(source => { source.Start(Id(1)); source.Start(Id(1)); source.Start(Id(2)); });
        Assert.Equal([Id(1), Id(2), Id(3)], _asked.Order());
        Assert.Equal(3, graph.Edges.Count);
        Assert.Equal([true, true, false], graph.Nodes.Select(n => n.IsRoot));
        Assert.Equal([1L, 2L, 3L], graph.Nodes.Select(n => n.Blob!.Size!.Value));
        Assert.Empty(_failures);
    }

    [Fact]
    public async Task A_blob_that_cannot_be_read_is_reported_and_stays_in_the_graph_if_another_refers_to_it()
    {
        BlobGraph graph = await FollowAsync(source => { source.Start(Id(4)); source.Start(Id(9)); source.Start(Id(1)); });
        Assert.Equal([(SfErrors.BlobNotFound, Id(9)), (SfErrors.BlobNotFound, Id(5))], _failures);
        Assert.Equal([1, 2, 3, 4, 5], graph.Nodes.Select(n => int.Parse(n.Uuid[^2..], System.Globalization.CultureInfo.InvariantCulture)));
        Assert.Null(graph.Nodes[4].Blob);
    }

    [Fact]
    public async Task A_blob_with_references_is_not_requested_again()
    {
        SfBlob given = new()
        {
            Uuid = Id(8),
            ReferencesFrom = new() { ["depends_on"] = [Samples.DependsOn(8, 3) with { BlobUuid = Id(8), Direction = SfReferenceDirection.Uses }] },
        };
        BlobGraph graph = await FollowAsync(source => { source.Start(given); source.Start(new SfBlob { Uuid = Id(2) }); });
        Assert.Equal([Id(1), Id(2), Id(3)], _asked.Order());
        Assert.Equal(4, graph.Edges.Count);
    }

    [Fact]
    public async Task Depth_counts_steps_from_blob_to_blob()
    {
        BlobGraph graph = await FollowAsync(source => source.Start(Id(1)), depth: 2);
        Assert.Equal([Id(1), Id(2)], _asked);
        Assert.Equal(2, graph.Edges.Count);
    }

    [Fact]
    public async Task References_are_added_unchanged_and_filtered_by_relationship()
    {
        BlobGraph graph = await FollowAsync(
            source => { source.Add(Samples.DependsOn(6, 7)); source.Add(Samples.Row("node", "sf-1", "blob_location", null, "blob", Samples.Blob(6))); },
            wanted: relationship => relationship == "depends_on");
        Assert.Empty(_asked);
        Assert.Equal("depends_on", Assert.Single(graph.Edges).Relationship);
        Assert.DoesNotContain(graph.Nodes, n => n.Kind == NodeKind.Node);
    }

    private static Guid Id(int number) => Guid.Parse(Samples.Blob(number));

    private async Task<BlobGraph> FollowAsync(Action<GraphSource> fill, int depth = int.MaxValue, Func<string?, bool>? wanted = null)
    {
        GraphSource source = new(wanted ?? (_ => true));
        fill(source);
        await source.FollowAsync(GetBlobAsync, SfReferenceDirection.Both, depth, (e, target) => _failures.Add((e.Error, target)), NullLog.Instance, Limit.Token);
        Assert.Equal(_asked.Distinct(), _asked);
        return source.Build();
    }

    private Task<SfBlob> GetBlobAsync(Guid uuid, ISfLog log, CancellationToken stop)
    {
        _asked.Add(uuid);
        return _cluster.TryGetValue(uuid, out SfBlob? blob) ? Task.FromResult(blob) : Task.FromException<SfBlob>(new SfException(SfErrors.BlobNotFound, "gone"));
    }
}
