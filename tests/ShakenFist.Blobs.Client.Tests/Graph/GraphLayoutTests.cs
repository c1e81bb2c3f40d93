using ShakenFist.Blobs.Graph;
using ShakenFist.Blobs.Graph.Layout;

namespace ShakenFist.Blobs.Client.Tests.Graph;

/// <summary>Tests the positions in the drawing.</summary>
public sealed class GraphLayoutTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 8)]
    [InlineData(3, 40)]
    [InlineData(4, 150)]
    public async Task No_card_overlaps_another_and_every_line_goes_from_card_to_card(int seed, int blobs)
    {
        BlobGraph graph = Samples.Of(Samples.Disorder(seed, blobs));
        GraphLayout layout = await Task.Run(() => new GraphLayout(graph), Limit.Token).WaitAsync(Limit.Token);
        Assert.Equal(graph.Nodes, layout.Cards.Select(c => c.Node!));
        Slot[][] columns = [.. layout.Cards.GroupBy(c => c.Column).OrderBy(g => g.Key).Select(g => g.OrderBy(c => c.Y).ToArray())];
        Assert.All(columns.SelectMany(column => column.Zip(column.Skip(1))), pair => Assert.True(pair.First.Y + pair.First.Height / 2 < pair.Second.Y - pair.Second.Height / 2));
        Assert.All(columns.Zip(columns.Skip(1)), pair => Assert.True(layout.Left(pair.First[0]) + GraphLayout.CardWidth < layout.Left(pair.Second[0])));
        Assert.All(layout.Cards, card => Assert.InRange(card.Y, card.Height / 2, layout.Height - card.Height / 2));
        Assert.All(layout.Cards, card => Assert.InRange(layout.Left(card), 0, layout.Width - GraphLayout.CardWidth));
        Assert.All(graph.Edges.Where(e => !e.IsLoop), edge =>
        {
            IReadOnlyList<Link> route = layout.RouteOf(edge);
            (GraphNode left, GraphNode right) = layout.Flow.IsAgainst(edge) ? (edge.Target, edge.Source) : (edge.Source, edge.Target);
            Assert.Equal((left, right), (route[0].From.Node, route[^1].To.Node));
            Assert.Same(edge, route[0].Edge);
            Assert.All(route.Zip(route.Skip(1)), pair => Assert.Same(pair.First.To, pair.Second.From));
            Assert.All(route, link => Assert.Equal(link.From.Column + 1, link.To.Column));
            Assert.All(route, link => Assert.InRange(link.ToY, link.To.Y - link.To.Height / 2, link.To.Y + link.To.Height / 2));
        });
    }

    [Fact]
    public void Lines_with_labels_leave_a_card_far_enough_apart_for_the_labels()
    {
        BlobGraph graph = Samples.Of(Enumerable.Range(0, 4).Select(i => Samples.Row("instance", "i", "disk", $"{i}", "blob", Samples.Blob(i))));
        GraphLayout layout = new(graph);
        double[] lines = [.. layout.Cards.Single(c => c.Node!.Kind == NodeKind.Instance).Right.Select(l => l.FromY).Order()];
        Assert.Equal(4, lines.Length);
        Assert.All(lines.Zip(lines.Skip(1)), pair => Assert.True(pair.Second - pair.First >= 28));
    }

    [Fact]
    public void Used_objects_are_drawn_to_the_right_and_cluster_nodes_in_the_last_column()
    {
        BlobGraph graph = Samples.Of(
        [
            Samples.DependsOn(1, 2), Samples.DependsOn(2, 3), Samples.Row("instance", "i", "disk", "0", "blob", Samples.Blob(1)),
            Samples.Row("node", "sf-1", "blob_location", null, "blob", Samples.Blob(1)), Samples.Row("node", "sf-2", "blob_location", null, "blob", Samples.Blob(3)),
        ]);
        Dictionary<string, int> columns = new GraphLayout(graph).Cards.ToDictionary(c => c.Node!.Uuid, c => c.Column);
        Assert.Equal([0, 1, 2, 3, 4, 4], ((string[])["i", Samples.Blob(1), Samples.Blob(2), Samples.Blob(3), "sf-1", "sf-2"]).Select(uuid => columns[uuid]));
    }

    [Fact]
    public void A_cycle_is_drawn_with_one_edge_from_right_to_left()
    {
        BlobGraph graph = Samples.Of([Samples.DependsOn(1, 2), Samples.DependsOn(2, 3), Samples.DependsOn(3, 1), Samples.DependsOn(1, 1)]);
        GraphLayout layout = new(graph);
        Assert.Equal(1, graph.Edges.Count(layout.Flow.IsAgainst));
        Assert.Equal([0, 1, 2], layout.Cards.Select(c => c.Column).Order());
        Assert.Empty(layout.RouteOf(graph.Edges.Single(e => e.IsLoop)));
    }

    [Fact]
    public async Task A_chain_of_thousands_of_objects_does_not_overflow_the_stack()
    {
        const int Length = 3000;
        BlobGraph graph = Samples.Of(Enumerable.Range(0, Length).Select(i => Samples.DependsOn(i, i + 1)));
        Flow flow = await Task.Run(() => new Flow(graph), Limit.Token).WaitAsync(Limit.Token);
        Assert.Equal(Enumerable.Range(0, Length + 1), flow.Columns);
    }
}
