using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using ShakenFist.Blobs.Graph;

namespace ShakenFist.Blobs.Client.Tests.Graph;

/// <summary>Tests the HTML page.</summary>
public sealed partial class HtmlWriterTests
{
    [Fact]
    public void The_drawing_has_every_node_and_edge_with_a_description()
    {
        BlobGraph graph = Samples.HostileGraph();
        XElement drawing = Drawing(HtmlWriter.Write(graph));
        Dictionary<string, XElement> nodes = WithClass(drawing, "node").ToDictionary(e => e.Attribute("id")!.Value);
        Dictionary<string, XElement> edges = WithClass(drawing, "edge").ToDictionary(e => e.Attribute("id")!.Value);
        Assert.Equal(graph.Nodes.Select(n => n.Id).Order(), nodes.Keys.Order());
        Assert.Equal(graph.Edges.Select(e => e.Id).Order(), edges.Keys.Order());
        Assert.All(graph.Nodes, n => Assert.Equal(GraphText.Full(n), Title(nodes[n.Id])));
        Assert.All(graph.Nodes, n => Assert.StartsWith(GraphText.Full(n), nodes[n.Id].Attribute("aria-label")!.Value, StringComparison.Ordinal));
        Assert.All(graph.Edges, e => Assert.Equal($"{GraphText.Full(e.Source)} → {GraphText.Full(e.Target)}: {GraphText.Full(e)}", Title(edges[e.Id])));
        Assert.All(nodes.Values, n => Assert.Equal(("0", "button"), (n.Attribute("tabindex")!.Value, n.Attribute("role")!.Value)));
    }

    [Fact]
    public void Hostile_text_adds_no_element_no_attribute_and_no_class()
    {
        string page = HtmlWriter.Write(Samples.HostileGraph());
        Assert.Equal(2, Count(page, "<script"));
        Assert.Equal(2, Count(page, "</script"));
        Assert.Equal(0, Count(page, "<img"));
        Assert.Equal(0, Count(page, "<!--"));
        XElement drawing = Drawing(page);
        Assert.Equal(["desc", "g", "path", "rect", "svg", "text", "title", "use"], drawing.DescendantsAndSelf().Select(e => e.Name.LocalName).Distinct().Order(StringComparer.Ordinal));
        Assert.DoesNotContain(drawing.DescendantsAndSelf().Attributes(), a => a.Name.LocalName.StartsWith("on", StringComparison.OrdinalIgnoreCase) || a.Name.LocalName == "style");
        Assert.All(drawing.Descendants().Attributes("class"), a => Assert.Matches("^[a-z_-]+( [a-z_-]+)*$", a.Value));
        Assert.DoesNotContain(page, c => char.IsControl(c) && c != '\n');
    }

    [Fact]
    public void The_data_for_the_script_has_every_node_and_edge_with_its_properties()
    {
        BlobGraph graph = Samples.HostileGraph();
        using JsonDocument data = JsonDocument.Parse(Between(HtmlWriter.Write(graph), "<script type=\"application/json\" id=\"graph\">", "</script>"));
        Assert.Equal(graph.Nodes.Select(n => (n.Id, GraphText.Type(n), GraphText.Uuid(n))),
            data.RootElement.GetProperty("nodes").EnumerateArray().Select(n => (Text(n, "id"), Text(n, "type"), Text(n, "uuid"))));
        Assert.Equal(graph.Edges.Select(e => (e.Source.Id, e.Target.Id, GraphText.Full(e))),
            data.RootElement.GetProperty("edges").EnumerateArray().Select(e => (Text(e, "from"), Text(e, "to"), Text(e, "label"))));
        Assert.Equal(graph.Nodes.SelectMany(GraphText.Details),
            data.RootElement.GetProperty("nodes").EnumerateArray().SelectMany(n => n.GetProperty("facts").EnumerateArray()).Select(f => (f[0].GetString()!, f[1].GetString()!)));
    }

    [Fact]
    public void The_content_security_policy_allows_only_the_script_and_style_of_the_page()
    {
        string page = HtmlWriter.Write(Samples.Of([Samples.DependsOn(1, 2)]));
        string policy = Between(page, "http-equiv=\"Content-Security-Policy\" content=\"", "\">");
        Assert.Equal(
            $"default-src 'none'; script-src '{Hash(Between(page, "<script>", "</script>"))}'; style-src '{Hash(Between(page, "<style>", "</style>"))}'; base-uri 'none'; form-action 'none'",
            policy);
        Assert.DoesNotContain("style=\"", page, StringComparison.Ordinal);
    }

    [Fact]
    public void The_page_loads_nothing()
    {
        string page = HtmlWriter.Write(Samples.Of(Samples.Disorder(seed: 1, blobs: 5)));
        Assert.All(Address().Matches(page), m => Assert.Equal("http://www.w3.org/2000/svg", m.Value));
        Assert.All(Reference().Matches(page), m => Assert.StartsWith("#", m.Groups[1].Value, StringComparison.Ordinal));
        Assert.DoesNotContain("@import", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_used_class_marker_and_icon_is_defined()
    {
        string page = HtmlWriter.Write(Samples.Of(
        [
            .. ((string[])["agent_output", "artifact_index", "blob_location", "depends_on", "disk", "nvram_template", "transcode", "new"]).Select(r => Samples.Row("agentoperation", "a", r, null, "blob", Samples.Blob(1))),
            .. ((string[])["instance", "artifact", "node", "volume"]).Select(t => Samples.Row(t, "x", "disk", null, "blob", Samples.Blob(1))),
        ]));
        Assert.Equal(8, Arrow().Matches(page).Select(m => m.Groups[1].Value).Distinct().Count());
        Assert.All(Arrow().Matches(page), m => Assert.Contains($"<marker id=\"{m.Groups[1].Value}\"", page, StringComparison.Ordinal));
        Assert.Equal(6, Reference().Matches(page).Select(m => m.Groups[1].Value).Distinct().Count());
        Assert.All(Reference().Matches(page), m => Assert.Contains($"<symbol id=\"{m.Groups[1].Value[1..]}\"", page, StringComparison.Ordinal));
        string style = Between(page, "<style>", "</style>");
        Assert.All(Looks().Matches(page), m => Assert.Contains($".{m.Value}", style, StringComparison.Ordinal));
    }

    private static XElement Drawing(string page)
    {
        int start = page.IndexOf("<svg id=\"drawing\"", StringComparison.Ordinal);
        return XElement.Parse(page[start..(page.IndexOf("</svg>", start, StringComparison.Ordinal) + 6)], LoadOptions.PreserveWhitespace);
    }

    private static IEnumerable<XElement> WithClass(XElement drawing, string name) =>
        drawing.Descendants().Where(e => e.Attribute("class")?.Value.Split(' ')[0] == name);

    private static string Title(XElement element) => element.Elements().Single(e => e.Name.LocalName == "title").Value;

    private static int Count(string text, string part) => text.Split(part, StringSplitOptions.None).Length - 1;

    private static string Between(string text, string before, string after)
    {
        int start = text.IndexOf(before, StringComparison.Ordinal) + before.Length;
        return text[start..text.IndexOf(after, start, StringComparison.Ordinal)];
    }

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;

    private static string Hash(string text) => "sha256-" + Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    [GeneratedRegex("https?:[^\"' ]*")]
    private static partial Regex Address();

    [GeneratedRegex("(?:href|src)=\"([^\"]*)\"")]
    private static partial Regex Reference();

    [GeneratedRegex(@"url\(#(arrow-[a-z_-]+)\)")]
    private static partial Regex Arrow();

    [GeneratedRegex("(?<=class=\"[a-z ]*)[kr]-[a-z_]+")]
    private static partial Regex Looks();
}
