using ShakenFist.Blobs.Graph;

namespace ShakenFist.Blobs.Client.Tests.Graph;

/// <summary>Tests the Mermaid and DOT writers with separate parsers.</summary>
public sealed class TextWriterTests
{
    [Fact]
    public void Mermaid_shows_every_node_and_edge_and_hostile_text_stays_text()
    {
        BlobGraph graph = Samples.HostileGraph();
        MermaidReader read = new(MermaidWriter.Write(graph));
        Assert.Equal(graph.Nodes.ToDictionary(n => n.Id, Label), read.Nodes);
        Assert.Equal(graph.Edges.Select(e => (e.Source.Id, e.Target.Id, GraphText.Full(e))), read.Edges);
    }

    [Fact]
    public void Dot_shows_every_node_and_edge_and_hostile_text_stays_text()
    {
        BlobGraph graph = Samples.HostileGraph();
        DotReader read = new(DotWriter.Write(graph));
        Assert.Equal(graph.Nodes.ToDictionary(n => n.Id, Label), read.Nodes.ToDictionary(n => n.Key, n => DotReader.Shown(n.Value["label"])));
        Assert.Equal(graph.Nodes.Select(GraphText.Full), read.Nodes.Values.Select(n => DotReader.Shown(n["tooltip"])));
        Assert.Equal(graph.Edges.Select(e => (e.Source.Id, e.Target.Id, GraphText.Full(e))), read.Edges.Select(e => (e.From, e.To, DotReader.Shown(e.Label))));
    }

    [Fact]
    public void A_small_graph_is_written_exactly_as_expected()
    {
        BlobGraph graph = Samples.Of(
            [Samples.DependsOn(2, 1), Samples.Row("node", "sf-1", "blob_location", null, "blob", Samples.Blob(1))],
            new SfBlob { Uuid = Guid.Parse(Samples.Blob(2)), Size = 720_896, FileFormat = "qcow2", State = "created" });
        Assert.Equal(
            """
            flowchart LR
              n1[("blob<br/>d3a00000-7a1e-4c52-9c0b-000000000001")]
              n2[("blob<br/>d3a00000-7a1e-4c52-9c0b-000000000002<br/>704 KiB, qcow2, created")]
              n3{{"node<br/>sf-1"}}
              n2 -->|"depends_on"| n1
              n3 -.->|"blob_location"| n1
              classDef sfBlob fill:#dbeafe,stroke:#2563eb,color:#0f172a
              class n1,n2 sfBlob
              classDef sfNode fill:#e2e8f0,stroke:#64748b,color:#0f172a
              class n3 sfNode
              classDef sfRoot stroke-width:3px
              class n2 sfRoot

            """.ReplaceLineEndings("\n"),
            MermaidWriter.Write(graph));
        string dot = DotWriter.Write(graph);
        Assert.Contains("  n2 -> n1 [label=\"depends_on\"];\n  n3 -> n1 [label=\"blob_location\", style=dashed];\n", dot, StringComparison.Ordinal);
        Assert.Contains("label=\"blob\\nd3a00000-7a1e-4c52-9c0b-000000000002\\n704 KiB, qcow2, created\"", dot, StringComparison.Ordinal);
    }

    private static string Label(GraphNode node) => string.Join('\n',
        new[] { GraphText.Type(node), GraphText.Uuid(node), GraphText.Summary(node) }.Where(line => line.Length > 0));
}
