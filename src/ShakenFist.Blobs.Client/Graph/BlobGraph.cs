namespace ShakenFist.Blobs.Graph;

/// <summary>Objects of a cluster and the references between them, in an order that depends only on their content.</summary>
internal sealed record BlobGraph(IReadOnlyList<GraphNode> Nodes, IReadOnlyList<GraphEdge> Edges)
{
    /// <summary>Writes the graph in a format.</summary>
    public string Write(SfGraphFormat format) => format switch
    {
        SfGraphFormat.Mermaid => MermaidWriter.Write(this),
        SfGraphFormat.Dot => DotWriter.Write(this),
        SfGraphFormat.Html => HtmlWriter.Write(this),
        _ => throw new ArgumentOutOfRangeException(nameof(format)),
    };
}
