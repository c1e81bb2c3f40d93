using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace ShakenFist.Blobs.Client.Tests.Graph;

/// <summary>Parses a Mermaid flowchart line by line. Any line of an unknown form fails.</summary>
internal sealed partial class MermaidReader
{
    public MermaidReader(string text)
    {
        string[] lines = text.Split('\n');
        Assert.Equal("flowchart LR", lines[0]);
        Assert.Equal(string.Empty, lines[^1]);
        foreach (string line in lines[1..^1])
        {
            if (NodeLine().Match(line) is { Success: true } node)
            {
                Nodes.Add(node.Groups["id"].Value, Shown(node.Groups["label"].Value));
            }
            else if (EdgeLine().Match(line) is { Success: true } edge)
            {
                Edges.Add((edge.Groups["from"].Value, edge.Groups["to"].Value, Shown(edge.Groups["label"].Value)));
            }
            else
            {
                Assert.Matches("^  class(Def sf[A-Za-z]+ [a-z0-9#:,-]+| n[0-9]+(,n[0-9]+)* sf[A-Za-z]+)$", line);
            }
        }
    }

    public Dictionary<string, string> Nodes { get; } = [];

    public List<(string From, string To, string Label)> Edges { get; } = [];

    private static string Shown(string label)
    {
        string[] lines = label.Split("<br/>");
        Assert.All(lines, line => Assert.Matches(@"^([\p{L}\p{Nd} .,_-]|#[0-9]+;)*$", SurrogatePair().Replace(line, "x")));
        return string.Join('\n', lines.Select(line => Number().Replace(line, m => new Rune(int.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture)).ToString())));
    }

    [GeneratedRegex("""^  (?<id>n[0-9]+)(\[\(|\(\[|\[\[|\{\{|\[|\()"(?<label>[^"]*)"(\)\]|\]\)|\]\]|\}\}|\]|\))$""")]
    private static partial Regex NodeLine();

    [GeneratedRegex("""^  (?<from>n[0-9]+) (-->|-\.->)(\|"(?<label>[^"]*)"\|)? (?<to>n[0-9]+)$""")]
    private static partial Regex EdgeLine();

    [GeneratedRegex("#([0-9]+);")]
    private static partial Regex Number();

    [GeneratedRegex("[\ud800-\udbff][\udc00-\udfff]")]
    private static partial Regex SurrogatePair();
}
