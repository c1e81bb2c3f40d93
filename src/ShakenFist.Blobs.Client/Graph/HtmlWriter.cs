using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace ShakenFist.Blobs.Graph;

/// <summary>
/// Writes a graph as one HTML page that loads nothing. Its content security policy allows only the script and the style of the page, by hash, so that server text could
/// not run even if it were not escaped.
/// </summary>
internal static class HtmlWriter
{
    private const string Folder = "ShakenFist.Blobs.Graph.Page.";

    public static string Write(BlobGraph graph)
    {
        string style = Resource("page.css");
        string script = Resource("page.js");
        string title = Title(graph);
        string summary = Summary(graph);
        return Fill(Resource("page.html"), name => name switch
        {
            "policy" => $"default-src 'none'; script-src '{Hash(script)}'; style-src '{Hash(style)}'; base-uri 'none'; form-action 'none'",
            "title" => SvgWriter.Escape(title),
            "summary" => SvgWriter.Escape(summary),
            "style" => style,
            "kinds" => Kinds(graph),
            "relationships" => Relationships(graph),
            "drawing" => SvgWriter.Write(graph, title, summary),
            "data" => Data(graph),
            "script" => script,
            _ => throw new InvalidOperationException($"The page template does not contain '{name}'."),
        });
    }

    /// <summary>Replaces {{names}} in one pass, so that inserted text is not searched for names.</summary>
    private static string Fill(string template, Func<string, string> value)
    {
        StringBuilder page = new();
        string[] parts = template.Split("{{");
        page.Append(parts[0]);
        foreach (string part in parts.Skip(1))
        {
            string[] nameAndRest = part.Split("}}", 2);
            page.Append(value(nameAndRest[0])).Append(nameAndRest[1]);
        }

        return page.ToString();
    }

    private static string Title(BlobGraph graph)
    {
        string[] roots = [.. graph.Nodes.Where(n => n.IsRoot).Select(GraphText.ShortUuid)];
        return roots.Length switch
        {
            0 => "References of blobs",
            1 => $"References of blob {roots[0]}",
            _ => string.Create(CultureInfo.InvariantCulture, $"References of {roots.Length} blobs"),
        };
    }

    private static string Summary(BlobGraph graph)
    {
        IEnumerable<string> counts = graph.Nodes.GroupBy(n => n.Kind).OrderBy(g => g.Key).Select(g => Count(g.Count(), Name(g.Key)));
        return string.Join(", ", counts.Append(Count(graph.Edges.Count, "reference")));
    }

    private static string Count(int number, string noun) => string.Create(CultureInfo.InvariantCulture, $"{number} {noun}{(number == 1 ? string.Empty : "s")}");

    private static string Name(NodeKind kind) => kind switch
    {
        NodeKind.AgentOperation => "agent operation",
        NodeKind.Other => "other object",
        _ => kind.ToString().ToLowerInvariant(),
    };

    private static string Kinds(BlobGraph graph) => string.Concat(graph.Nodes.Select(n => n.Kind).Distinct().Order().Select(kind =>
        $"<button type=\"button\" class=\"chip {SvgWriter.ClassOf(kind)}\" aria-pressed=\"true\" data-hides=\"{SvgWriter.ClassOf(kind)}\"><svg aria-hidden=\"true\" width=\"16\" height=\"16\"><use href=\"#i-{kind.ToString().ToLowerInvariant()}\"/></svg>{Name(kind)}</button>"));

    private static string Relationships(BlobGraph graph) => string.Concat(graph.Edges.Select(SvgWriter.ClassOf).Distinct().Order(StringComparer.Ordinal).Select(style =>
        $"<button type=\"button\" class=\"chip {style}\" aria-pressed=\"true\" data-hides=\"{style}\"><svg aria-hidden=\"true\" width=\"26\" height=\"10\"><path class=\"line\" d=\"M1 5H25\"/></svg>{style[2..]}</button>"));

    /// <summary>Gets the properties for the script as JSON. Characters with a meaning in HTML are written as numbers.</summary>
    private static string Data(BlobGraph graph)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter json = new(stream))
        {
            json.WriteStartObject();
            json.WriteStartArray("nodes");
            foreach (GraphNode node in graph.Nodes)
            {
                json.WriteStartObject();
                json.WriteString("id", node.Id);
                json.WriteString("type", GraphText.Type(node));
                json.WriteString("uuid", GraphText.Uuid(node));
                json.WriteStartArray("facts");
                foreach ((string name, string value) in GraphText.Details(node))
                {
                    json.WriteStartArray();
                    json.WriteStringValue(name);
                    json.WriteStringValue(value);
                    json.WriteEndArray();
                }

                json.WriteEndArray();
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteStartArray("edges");
            foreach (GraphEdge edge in graph.Edges)
            {
                json.WriteStartObject();
                json.WriteString("id", edge.Id);
                json.WriteString("from", edge.Source.Id);
                json.WriteString("to", edge.Target.Id);
                json.WriteString("label", GraphText.Full(edge));
                json.WriteString("created", GraphText.Time(edge.Created));
                json.WriteString("active", GraphText.Time(edge.LastActive));
                json.WriteBoolean("derived", edge.IsDerived);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static string Hash(string text) => "sha256-" + Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    /// <summary>Reads a file of the page. Browsers read each line end as a line feed, and the hashes are of the text that browsers read.</summary>
    private static string Resource(string name)
    {
        using Stream stream = typeof(HtmlWriter).Assembly.GetManifestResourceStream(Folder + name)!;
        using StreamReader reader = new(stream, Encoding.UTF8);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
