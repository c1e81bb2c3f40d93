using System.Globalization;
using System.Text;

namespace ShakenFist.Blobs.Graph;

/// <summary>Writes a graph in the DOT language of Graphviz.</summary>
internal static class DotWriter
{
    public static string Write(BlobGraph graph)
    {
        StringBuilder text = new();
        text.Append("digraph blobs {\n");
        text.Append("  graph [rankdir=LR, ranksep=1, nodesep=0.25, charset=\"UTF-8\"];\n");
        text.Append("  node [shape=box, style=\"rounded,filled\", fontname=\"Helvetica,Arial,sans-serif\", fontsize=11];\n");
        text.Append("  edge [fontname=\"Helvetica,Arial,sans-serif\", fontsize=9, color=\"#64748b\"];\n");
        foreach (GraphNode node in graph.Nodes)
        {
            string[] lines = [Escape(GraphText.Type(node)), Escape(GraphText.Uuid(node)), Escape(GraphText.Summary(node))];
            string label = string.Join("\\n", lines.Where(line => line.Length > 0));
            string root = node.IsRoot ? ", penwidth=3" : string.Empty;
            text.Append(CultureInfo.InvariantCulture, $"  {node.Id} [label=\"{label}\", tooltip=\"{Escape(GraphText.Full(node))}\", {Look(node.Kind)}{root}];\n");
        }

        foreach (GraphEdge edge in graph.Edges)
        {
            string style = edge.Source.Kind == NodeKind.Node ? ", style=dashed" : string.Empty;
            text.Append(CultureInfo.InvariantCulture, $"  {edge.Source.Id} -> {edge.Target.Id} [label=\"{Escape(GraphText.Full(edge))}\"{style}];\n");
        }

        return text.Append("}\n").ToString();
    }

    private static string Look(NodeKind kind) => kind switch
    {
        NodeKind.Blob => "fillcolor=\"#dbeafe\", color=\"#2563eb\"",
        NodeKind.Instance => "fillcolor=\"#d1fae5\", color=\"#059669\"",
        NodeKind.Artifact => "fillcolor=\"#fef3c7\", color=\"#d97706\"",
        NodeKind.AgentOperation => "fillcolor=\"#ffe4e6\", color=\"#e11d48\"",
        NodeKind.Node => "shape=box3d, style=filled, fillcolor=\"#e2e8f0\", color=\"#64748b\"",
        _ => "fillcolor=\"#f3e8ff\", color=\"#9333ea\"",
    };

    /// <summary>Escapes text for a quoted string. Graphviz interprets backslashes and HTML character references in labels, so both are escaped.</summary>
    private static string Escape(string text) => text
        .Replace("\\", "\\\\", StringComparison.Ordinal)
        .Replace("\"", "\\\"", StringComparison.Ordinal)
        .Replace("&", "&amp;", StringComparison.Ordinal);
}
