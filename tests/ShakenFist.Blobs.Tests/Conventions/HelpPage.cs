using System.Text.RegularExpressions;
using System.Xml.Linq;
using ShakenFist.Blobs.Tests.Hosting;

namespace ShakenFist.Blobs.Tests.Conventions;

/// <summary>What help says of a command, read from its markdown page or from the MAML made of it.</summary>
internal sealed partial record HelpPage(string Name, string Synopsis, IReadOnlyDictionary<string, string> Parameters, IReadOnlyList<(string Title, string Code)> Examples)
{
    private static readonly XNamespace Command = "http://schemas.microsoft.com/maml/dev/command/2004/10";
    private static readonly XNamespace Maml = "http://schemas.microsoft.com/maml/2004/10";
    private static readonly XNamespace Dev = "http://schemas.microsoft.com/maml/dev/2004/10";

    public static string Folder { get; } = Path.Combine(ModuleUnderTest.Root, "docs", "en-US");

    public static string MamlFile { get; } = Path.Combine(ModuleUnderTest.Root, "docs", "maml", "ShakenFist.Blobs.dll-Help.xml");

    public static HelpPage FromMarkdown(string name)
    {
        string text = File.ReadAllText(Path.Combine(Folder, name + ".md")).ReplaceLineEndings("\n");
        Dictionary<string, string> sections = Split(text, "## ").ToDictionary(s => s.Title, s => s.Body);
        return new HelpPage(
            name,
            Flat(sections["SYNOPSIS"]),
            Split(sections["PARAMETERS"], "### ").Where(s => s.Title.StartsWith('-')).ToDictionary(s => s.Title[1..], s => Flat(Yaml().Replace(s.Body, string.Empty))),
            [.. Split(sections["EXAMPLES"], "### ").Select(s => (s.Title, Fence().Match(s.Body).Groups[1].Value.Trim()))]);
    }

    public static IReadOnlyDictionary<string, HelpPage> FromMaml() => XDocument.Load(MamlFile)
        .Descendants(Command + "command")
        .Select(Read)
        .ToDictionary(page => page.Name);

    private static HelpPage Read(XElement command)
    {
        XElement details = command.Element(Command + "details")!;
        return new HelpPage(
            details.Element(Command + "name")!.Value.Trim(),
            Flat(details.Element(Maml + "description")!.Value),
            command.Element(Command + "parameters")?.Elements(Command + "parameter")
                .ToDictionary(p => p.Element(Maml + "name")!.Value, p => Flat(string.Join(' ', p.Element(Maml + "description")!.Elements().Select(e => e.Value)))) ?? [],
            [.. command.Descendants(Command + "example").Select(Example)]);
    }

    private static (string, string) Example(XElement example)
    {
        // The code is in its own element, or fenced at the head of the text.
        string code = example.Element(Dev + "code")?.Value ?? string.Empty;
        string text = string.Join('\n', example.Element(Maml + "introduction")?.Elements().Select(e => e.Value) ?? []);
        string title = example.Element(Maml + "title")!.Value.Trim('-', ' ');
        return (title, code.Length > 0 ? code.ReplaceLineEndings("\n").Trim() : Fence().Match(text.ReplaceLineEndings("\n")).Groups[1].Value.Trim());
    }

    private static IEnumerable<(string Title, string Body)> Split(string text, string mark) =>
        Regex.Split("\n" + text, $"\n(?={Regex.Escape(mark)})").Where(part => part.StartsWith(mark, StringComparison.Ordinal)).Select(part =>
        {
            int end = part.IndexOf('\n', StringComparison.Ordinal);
            return end < 0 ? (part[mark.Length..].Trim(), string.Empty) : (part[mark.Length..end].Trim(), part[end..]);
        });

    private static string Flat(string text) => Spaces().Replace(text, " ").Trim();

    [GeneratedRegex("```yaml\n.*?```", RegexOptions.Singleline)]
    private static partial Regex Yaml();

    [GeneratedRegex("```[a-z]*\n(.*?)\n```", RegexOptions.Singleline)]
    private static partial Regex Fence();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
