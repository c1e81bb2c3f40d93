using ShakenFist.Blobs.Graph;

namespace ShakenFist.Blobs.Client.Tests.Graph;

/// <summary>Tests how rows are combined to a graph.</summary>
public sealed class GraphBuilderTests
{
    [Fact]
    public void The_rows_of_both_ends_are_one_edge_with_the_times_of_both()
    {
        DateTime early = new(2026, 3, 1, 0, 0, 0, DateTimeKind.Utc);
        SfBlobReference row = Samples.DependsOn(2, 1);
        BlobGraph graph = Samples.Of(
        [
            row with { Direction = SfReferenceDirection.Uses, LastActive = early, IsDerived = true },
            row with { Direction = SfReferenceDirection.UsedBy, Created = early, LastActive = early.AddDays(1) },
            row with { TargetUuid = Samples.Blob(1).ToUpperInvariant() },
        ]);
        GraphEdge edge = Assert.Single(graph.Edges);
        Assert.Equal((early, early.AddDays(1), false), (edge.Created!.Value, edge.LastActive!.Value, edge.IsDerived));
        Assert.Equal([Samples.Blob(1), Samples.Blob(2)], graph.Nodes.Select(n => n.Uuid));
    }

    [Fact]
    public void The_times_of_both_ends_are_compared_in_UTC()
    {
        // An older record contains UTC times, and a newer one local times.
        DateTime early = new(2026, 3, 1, 12, 0, 0, DateTimeKind.Utc);
        DateTime late = early.AddMinutes(1).ToLocalTime();
        SfBlobReference row = Samples.DependsOn(2, 1);
        foreach ((DateTime one, DateTime other) in new[] { (early, late), (late, early) })
        {
            GraphEdge edge = Assert.Single(Samples.Of([row with { Created = one, LastActive = one }, row with { Created = other, LastActive = other }]).Edges);
            Assert.Equal(("2026-03-01 12:00:00 UTC", "2026-03-01 12:01:00 UTC"), (GraphText.Time(edge.Created), GraphText.Time(edge.LastActive)));
        }
    }

    [Fact]
    public void Rows_that_differ_in_any_field_are_separate_edges()
    {
        SfBlobReference row = Samples.Row("instance", "i", "disk", "0", "blob", "b");
        SfBlobReference[] rows = [row, row with { RelationshipValue = "1" }, row with { RelationshipValue = null }, row with { Relationship = "nvram_template" }, row with { SourceObjectType = "artifact" }, row with { TargetUuid = "c" }];
        BlobGraph graph = Samples.Of(rows);
        Assert.Equal(rows.Length, graph.Edges.Count);
        Assert.Equal(4, graph.Nodes.Count);
    }

    [Fact]
    public void A_row_created_by_a_user_can_omit_the_blob_itself()
    {
        Guid blob = Guid.Parse(Samples.Blob(7));
        BlobGraph graph = Samples.Of(
        [
            new SfBlobReference { BlobUuid = blob, Direction = SfReferenceDirection.Uses, TargetObjectType = "blob", TargetUuid = Samples.Blob(1), Relationship = "depends_on" },
            new SfBlobReference { BlobUuid = blob, Direction = SfReferenceDirection.UsedBy, SourceObjectType = "instance", SourceUuid = "i" },
        ]);
        Assert.Equal(["n2 n1 depends_on", "n3 n2 "], graph.Edges.Select(e => $"{e.Source.Id} {e.Target.Id} {e.Relationship}"));
        Assert.Equal(blob.ToString(), graph.Nodes[1].Uuid);
    }

    [Theory]
    [InlineData(SfGraphFormat.Mermaid)]
    [InlineData(SfGraphFormat.Dot)]
    [InlineData(SfGraphFormat.Html)]
    public void The_text_does_not_depend_on_the_order_of_the_rows(SfGraphFormat format)
    {
        SfBlobReference[] rows = Samples.Disorder(seed: 3, blobs: 25);
        string expected = Samples.Of(rows).Write(format);
        SfBlobReference[] shuffled = [.. rows];
        new Random(5).Shuffle(shuffled);
        Assert.NotEqual(rows, shuffled);
        Assert.Equal(expected, Samples.Of(shuffled).Write(format));
    }

    [Theory]
    [InlineData(SfGraphFormat.Mermaid)]
    [InlineData(SfGraphFormat.Dot)]
    [InlineData(SfGraphFormat.Html)]
    public void The_text_is_the_same_in_every_culture(SfGraphFormat format)
    {
        SfBlob blob = new() { Uuid = Guid.Parse(Samples.Blob(1)), Size = 3_554_000_000, State = "INITIAL", Modified = new DateTime(2026, 3, 1, 12, 30, 0, DateTimeKind.Utc) };
        string[] texts = [.. ((string[])["", "de-DE", "tr-TR", "ar-SA"]).Select(culture =>
        {
            System.Globalization.CultureInfo before = System.Globalization.CultureInfo.CurrentCulture;
            try
            {
                System.Globalization.CultureInfo.CurrentCulture = new(culture);
                return Samples.Of(Samples.Disorder(seed: 4, blobs: 8), blob).Write(format);
            }
            finally
            {
                System.Globalization.CultureInfo.CurrentCulture = before;
            }
        })];
        Assert.Contains("3.31 GiB", texts[0], StringComparison.Ordinal);
        Assert.Single(texts.Distinct());
    }
}
