using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Unicode;
using ShakenFist.Blobs.Graph.Layout;

namespace ShakenFist.Blobs.Graph;

/// <summary>Draws a graph as an SVG element for the style sheet of the page. All server text is passed through <see cref="Escape"/>. Class names are constants.</summary>
internal static class SvgWriter
{
    private const int NameColumns = 14;
    private const int FactColumns = 19;
    private const int StateColumns = 8;

    private static readonly HtmlEncoder Encoder = HtmlEncoder.Create(UnicodeRanges.All);
    private static readonly string[] KnownStates = ["initial", "created", "error", "deleted"];
    private static readonly string[] KnownRelationships = ["agent_output", "artifact_index", "blob_location", "depends_on", "disk", "nvram_template", "transcode"];

    /// <summary>Escapes text for HTML, in elements and in quoted attributes.</summary>
    public static string Escape(string text) => Encoder.Encode(text);

    /// <summary>Gets the class name of a node type.</summary>
    public static string ClassOf(NodeKind kind) => "k-" + kind.ToString().ToLowerInvariant();

    /// <summary>Gets the class name of a relationship.</summary>
    public static string ClassOf(GraphEdge edge) => "r-" + (Array.IndexOf(KnownRelationships, edge.Relationship) >= 0 ? edge.Relationship : "other");

    public static string Write(BlobGraph graph, string title, string description)
    {
        GraphLayout layout = new(graph);
        StringBuilder svg = new();
        svg.Append(CultureInfo.InvariantCulture, $"<svg id=\"drawing\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {layout.Width:0.#} {layout.Height:0.#}\" width=\"{layout.Width:0.#}\" height=\"{layout.Height:0.#}\" role=\"group\" aria-labelledby=\"drawing-title drawing-desc\">\n");
        svg.Append(CultureInfo.InvariantCulture, $"<title id=\"drawing-title\">{Escape(title)}</title>\n<desc id=\"drawing-desc\">{Escape(description)}</desc>\n");
        svg.Append("<g id=\"edges\">\n");

        // Drawn first, so that the many lines to the nodes of the cluster are below the others.
        foreach (GraphEdge edge in graph.Edges.OrderBy(e => e.Source.Kind == NodeKind.Node ? 0 : 1))
        {
            AppendEdge(svg, layout, edge);
        }

        svg.Append("</g>\n<g id=\"nodes\">\n");
        foreach (Slot card in layout.Cards)
        {
            AppendCard(svg, card, layout.Left(card), graph);
        }

        return svg.Append("</g>\n</svg>").ToString();
    }

    private static void AppendEdge(StringBuilder svg, GraphLayout layout, GraphEdge edge)
    {
        IReadOnlyList<Link> route = layout.RouteOf(edge);
        string path = edge.IsLoop ? Loop(layout, layout.Cards[edge.Source.Index]) : Path(layout, route);
        string relationship = ClassOf(edge);
        string marker = layout.Flow.IsAgainst(edge) ? "marker-start" : "marker-end";
        string title = $"{GraphText.Full(edge.Source)} → {GraphText.Full(edge.Target)}: {GraphText.Full(edge)}";
        svg.Append(CultureInfo.InvariantCulture, $"<g class=\"edge {relationship}\" id=\"{edge.Id}\"><title>{Escape(title)}</title>");
        svg.Append(CultureInfo.InvariantCulture, $"<path class=\"near\" d=\"{path}\"/><path class=\"line\" d=\"{path}\" {marker}=\"url(#arrow-{relationship})\"/>");
        if (route.Count > 0)
        {
            Link link = route[0];
            double x = link.LabelAtTo ? layout.Left(link.To) - 13 : layout.Left(link.From) + GraphLayout.CardWidth + 13;
            double y = link.LabelAtTo ? link.ToY : link.FromY;
            AppendLabel(svg, edge, x, y, link.LabelAtTo ? "label at-end" : "label");
        }
        else
        {
            Slot card = layout.Cards[edge.Source.Index];
            AppendLabel(svg, edge, layout.Left(card) + GraphLayout.CardWidth / 2, card.Y - card.Height / 2 - 14, "label in-middle");
        }

        svg.Append("</g>\n");
    }

    private static void AppendLabel(StringBuilder svg, GraphEdge edge, double x, double y, string style)
    {
        Append(y - 4, style, GraphText.Relationship(edge));
        Append(y + 11, style + " value", GraphText.Value(edge));

        void Append(double baseline, string classes, string text) => svg.Append(text.Length == 0
            ? string.Empty
            : string.Create(CultureInfo.InvariantCulture, $"<text class=\"{classes}\" x=\"{x:0.#}\" y=\"{baseline:0.#}\">{Escape(GraphText.Fit(text, GraphLayout.LabelColumns))}</text>"));
    }

    private static string Path(GraphLayout layout, IReadOnlyList<Link> route)
    {
        const double ArrowTip = 2;
        StringBuilder path = new();
        foreach (Link link in route)
        {
            double x0 = layout.Left(link.From) + GraphLayout.CardWidth;
            double x1 = layout.Left(link.To);
            double bend0 = x0 + layout.StubAtFrom(link);
            double bend1 = x1 - layout.StubAtTo(link);
            double middle = (bend0 + bend1) / 2;
            double end = link.To.Node is null ? x1 + GraphLayout.CardWidth : x1 - ArrowTip;
            if (path.Length == 0)
            {
                path.Append(CultureInfo.InvariantCulture, $"M{x0 + ArrowTip:0.#} {link.FromY:0.#}");
            }

            path.Append(CultureInfo.InvariantCulture, $"H{bend0:0.#}C{middle:0.#} {link.FromY:0.#} {middle:0.#} {link.ToY:0.#} {bend1:0.#} {link.ToY:0.#}H{end:0.#}");
        }

        return path.ToString();
    }

    /// <summary>Draws a line from the top of the card back to the card.</summary>
    private static string Loop(GraphLayout layout, Slot card)
    {
        double middle = layout.Left(card) + GraphLayout.CardWidth / 2;
        double top = card.Y - card.Height / 2;
        return string.Create(CultureInfo.InvariantCulture, $"M{middle - 30:0.#} {top:0.#}v-8a5 5 0 0 1 5 -5h50a5 5 0 0 1 5 5v6");
    }

    private static void AppendCard(StringBuilder svg, Slot card, double left, BlobGraph graph)
    {
        GraphNode node = card.Node!;
        string facts = node.Kind == NodeKind.Blob ? string.Join(" · ", GraphText.Facts(node)) : GraphText.Type(node);
        string summary = GraphText.Summary(node) is { Length: > 0 } known ? ", " + known : string.Empty;
        int uses = graph.Edges.Count(e => e.Source.Index == node.Index);
        int usedBy = graph.Edges.Count(e => e.Target.Index == node.Index);
        string spoken = string.Create(CultureInfo.InvariantCulture, $"{GraphText.Full(node)}{summary}. Refers to {uses}, referred to by {usedBy}.");
        string state = Array.IndexOf(KnownStates, node.Blob?.State) >= 0 ? $" s-{node.Blob!.State}" : string.Empty;
        string root = node.IsRoot ? " root" : string.Empty;
        double middle = card.Height / 2;
        svg.Append(CultureInfo.InvariantCulture, $"<g class=\"node {ClassOf(node.Kind)}{state}{root}\" id=\"{node.Id}\" tabindex=\"0\" role=\"button\" aria-label=\"{Escape(spoken)}\" transform=\"translate({left:0.#} {card.Y - middle:0.#})\">");
        svg.Append(CultureInfo.InvariantCulture, $"<title>{Escape(GraphText.Full(node))}</title><rect class=\"card\" width=\"{GraphLayout.CardWidth:0.#}\" height=\"{card.Height:0.#}\" rx=\"9\"/>");
        svg.Append(CultureInfo.InvariantCulture, $"<use href=\"#i-{node.Kind.ToString().ToLowerInvariant()}\" x=\"12\" y=\"{middle - 11:0.#}\" width=\"22\" height=\"22\"/>");
        svg.Append(CultureInfo.InvariantCulture, $"<text class=\"name\" x=\"44\" y=\"{middle - (facts.Length > 0 ? 3 : -5):0.#}\">{Escape(GraphText.Fit(GraphText.ShortUuid(node), NameColumns))}</text>");
        svg.Append(CultureInfo.InvariantCulture, $"<text class=\"facts\" x=\"44\" y=\"{middle + 14:0.#}\">{Escape(GraphText.Fit(facts, FactColumns))}</text>");
        svg.Append(CultureInfo.InvariantCulture, $"<text class=\"state\" x=\"{GraphLayout.CardWidth - 10:0.#}\" y=\"{middle - 3.5:0.#}\">{Escape(GraphText.Fit(GraphText.State(node), StateColumns))}</text></g>\n");
    }
}
