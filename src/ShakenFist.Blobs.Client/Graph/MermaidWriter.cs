using System.Globalization;
using System.Text;

namespace ShakenFist.Blobs.Graph;

/// <summary>Writes a graph as a Mermaid flowchart.</summary>
internal static class MermaidWriter
{
    private static readonly (NodeKind Kind, string Open, string Close, string Colours)[] Shapes =
    [
        (NodeKind.Blob, "[(", ")]", "fill:#dbeafe,stroke:#2563eb,color:#0f172a"),
        (NodeKind.Instance, "[", "]", "fill:#d1fae5,stroke:#059669,color:#0f172a"),
        (NodeKind.Artifact, "[[", "]]", "fill:#fef3c7,stroke:#d97706,color:#0f172a"),
        (NodeKind.AgentOperation, "([", "])", "fill:#ffe4e6,stroke:#e11d48,color:#0f172a"),
        (NodeKind.Node, "{{", "}}", "fill:#e2e8f0,stroke:#64748b,color:#0f172a"),
        (NodeKind.Other, "(", ")", "fill:#f3e8ff,stroke:#9333ea,color:#0f172a"),
    ];

    public static string Write(BlobGraph graph)
    {
        StringBuilder text = new("flowchart LR\n");
        foreach (GraphNode node in graph.Nodes)
        {
            (_, string open, string close, _) = Array.Find(Shapes, s => s.Kind == node.Kind);
            string[] lines = [GraphText.Type(node), GraphText.Uuid(node), GraphText.Summary(node)];
            string label = string.Join("<br/>", lines.Where(line => line.Length > 0).Select(Escape));
            text.Append(CultureInfo.InvariantCulture, $"  {node.Id}{open}\"{label}\"{close}\n");
        }

        foreach (GraphEdge edge in graph.Edges)
        {
            string arrow = edge.Source.Kind == NodeKind.Node ? "-.->" : "-->";
            string label = GraphText.Full(edge) is { Length: > 0 } full ? $"|\"{Escape(full)}\"|" : string.Empty;
            text.Append(CultureInfo.InvariantCulture, $"  {edge.Source.Id} {arrow}{label} {edge.Target.Id}\n");
        }

        foreach ((NodeKind kind, _, _, string colours) in Shapes)
        {
            AppendClass(text, kind.ToString(), colours, graph.Nodes.Where(n => n.Kind == kind));
        }

        AppendClass(text, "Root", "stroke-width:3px", graph.Nodes.Where(n => n.IsRoot));
        return text.ToString();
    }

    private static void AppendClass(StringBuilder text, string name, string style, IEnumerable<GraphNode> members)
    {
        string ids = string.Join(",", members.Select(n => n.Id));
        if (ids.Length > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"  classDef sf{name} {style}\n  class {ids} sf{name}\n");
        }
    }

    /// <summary>
    /// In quoted text, Mermaid still interprets Markdown, HTML, and directives. It has no escape except character numbers, so all characters that are
    /// not part of a word are written as numbers.
    /// </summary>
    private static string Escape(string text)
    {
        StringBuilder escaped = new();
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (Rune.IsLetterOrDigit(rune) || rune.Value is ' ' or '.' or ',' or '-' or '_')
            {
                escaped.Append(rune);
            }
            else
            {
                escaped.Append(CultureInfo.InvariantCulture, $"#{rune.Value};");
            }
        }

        return escaped.ToString();
    }
}
