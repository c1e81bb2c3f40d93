using System.Text.RegularExpressions;
using System.Xml.Linq;
using ShakenFist.Blobs.Tests.Hosting;

namespace ShakenFist.Blobs.Tests.Conventions;

/// <summary>An example on a page: its title, its code, and its explanation.</summary>
internal sealed record HelpExample(string Title, string Code, string Text);

/// <summary>The help of a command, from its Markdown page or from the generated MAML.</summary>
internal sealed partial record HelpPage(
    string Name,
    string Synopsis,
    string Description,
    IReadOnlyDictionary<string, string> Parameters,
    IReadOnlyDictionary<string, string> Defaults,
    IReadOnlyList<HelpExample> Examples,
    string Notes,
    IReadOnlyList<string> Links)
{
    private static readonly XNamespace Command = "http://schemas.microsoft.com/maml/dev/command/2004/10";
    private static readonly XNamespace Maml = "http://schemas.microsoft.com/maml/2004/10";
    private static readonly XNamespace Dev = "http://schemas.microsoft.com/maml/dev/2004/10";

    public static string Folder { get; } = Path.Combine(ModuleUnderTest.Root, "docs", "en-US");

    public static string MamlFile { get; } = Path.Combine(ModuleUnderTest.Root, "docs", "maml", "ShakenFist.Blobs.dll-Help.xml");

    public static string TextOf(string name) => File.ReadAllText(Path.Combine(Folder, name + ".md")).ReplaceLineEndings("\n");

    public static Dictionary<string, string> SectionsOf(string name) => Split(TextOf(name), "## ").ToDictionary(s => s.Title, s => s.Body);

    public static HelpPage FromMarkdown(string name)
    {
        Dictionary<string, string> sections = SectionsOf(name);
        (string Title, string Body)[] parameters = [.. Split(sections["PARAMETERS"], "### ").Where(s => s.Title.StartsWith('-'))];
        return new HelpPage(
            name,
            Flat(sections["SYNOPSIS"]),
            Flat(sections["DESCRIPTION"]),
            parameters.ToDictionary(s => s.Title[1..], s => Flat(Yaml().Replace(s.Body, string.Empty))),
            parameters.ToDictionary(s => s.Title[1..], s => Default().Match(s.Body).Groups[1].Value.Trim('\'')),
            [.. Split(sections["EXAMPLES"], "### ").Select(s => new HelpExample(s.Title, Fence().Match(s.Body).Groups[1].Value.Trim(), Flat(Fence().Replace(s.Body, string.Empty))))],
            Flat(sections["NOTES"]),
            [.. Link().Matches(sections["RELATED LINKS"]).Select(link => link.Groups["text"].Value)]);
    }

    public static IReadOnlyDictionary<string, HelpPage> FromMaml() => XDocument.Load(MamlFile)
        .Descendants(Command + "command")
        .Select(Read)
        .ToDictionary(page => page.Name);

    /// <summary>Splits a text into sections that begin with a heading.</summary>
    public static IEnumerable<(string Title, string Body)> Split(string text, string mark) =>
        Regex.Split("\n" + text, $"\n(?={Regex.Escape(mark)})").Where(part => part.StartsWith(mark, StringComparison.Ordinal)).Select(part =>
        {
            int end = part.IndexOf('\n', StringComparison.Ordinal);
            return end < 0 ? (part[mark.Length..].Trim(), string.Empty) : (part[mark.Length..end].Trim(), part[end..]);
        });

    private static HelpPage Read(XElement command)
    {
        XElement details = command.Element(Command + "details")!;
        XElement[] parameters = [.. command.Element(Command + "parameters")?.Elements(Command + "parameter") ?? []];
        return new HelpPage(
            details.Element(Command + "name")!.Value.Trim(),
            Flat(details.Element(Maml + "description")!.Value),
            Paragraphs(command.Element(Maml + "description")!),
            parameters.ToDictionary(p => p.Element(Maml + "name")!.Value, p => Paragraphs(p.Element(Maml + "description")!)),
            parameters.ToDictionary(p => p.Element(Maml + "name")!.Value, p => p.Element(Dev + "defaultValue")?.Value ?? string.Empty),
            [.. command.Descendants(Command + "example").Select(Example)],
            Flat(string.Join(' ', command.Elements(Maml + "alertSet").SelectMany(set => set.Descendants(Maml + "para")).Select(para => para.Value))),
            [.. command.Descendants(Maml + "navigationLink").Select(link => link.Element(Maml + "linkText")!.Value)]);
    }

    private static HelpExample Example(XElement example) => new(
        example.Element(Maml + "title")!.Value.Trim('-', ' '),
        example.Element(Dev + "code")!.Value.ReplaceLineEndings("\n").Trim(),
        Paragraphs(example.Element(Dev + "remarks")!));

    private static string Paragraphs(XElement element) => Flat(string.Join(' ', element.Elements().Select(e => e.Value)));

    private static string Flat(string text) => Spaces().Replace(text, " ").Trim();

    [GeneratedRegex("```yaml\n.*?```", RegexOptions.Singleline)]
    private static partial Regex Yaml();

    [GeneratedRegex("^DefaultValue: (.*)$", RegexOptions.Multiline)]
    private static partial Regex Default();

    [GeneratedRegex("```[a-z]*\n(.*?)\n```", RegexOptions.Singleline)]
    private static partial Regex Fence();

    [GeneratedRegex(@"\[(?<text>[^\]]+)\]\((?<target>[^)]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
