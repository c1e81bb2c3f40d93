using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace ShakenFist.Blobs.Playground;

/// <summary>Draws the output of a terminal, including its colors, as SVG.</summary>
internal static partial class TerminalPicture
{
    private const int Columns = 80;
    private const double CharWidth = 8.4;
    private const int LineHeight = 20;
    private const int Margin = 20;
    private const int TitleHeight = 36;

    // The eight colors of a terminal. Bold text uses brighter colors.
    private const string Style = """
        text { font: 14px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: #d7dde4; white-space: pre; }
        .title { fill: #8b98a5; text-anchor: middle; }
        .bold { font-weight: bold; fill: #ffffff; }
        .dim { fill: #8b98a5; }
        .red { fill: #ff7b72; }
        .green { fill: #7ee787; }
        .yellow { fill: #e3b341; }
        .blue { fill: #79c0ff; }
        .magenta { fill: #d2a8ff; }
        .cyan { fill: #56d4dd; }
        """;

    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    private static readonly string[] Colours = ["", "red", "green", "yellow", "blue", "magenta", "cyan", ""];

    /// <param name="shown">The output, including its escape sequences.</param>
    /// <param name="title">The title of the window.</param>
    public static string Draw(string shown, string title)
    {
        List<List<(string Style, string Text)>> lines = Wrap(shown.ReplaceLineEndings("\n").Trim('\n').Split('\n'));
        double width = (2 * Margin) + (Columns * CharWidth);
        int height = TitleHeight + Margin + (lines.Count * LineHeight);
        XElement picture = new(Svg + "svg",
            new XAttribute("viewBox", string.Create(CultureInfo.InvariantCulture, $"0 0 {width} {height}")),
            new XAttribute("role", "img"),
            new XAttribute(XNamespace.Xml + "space", "preserve"),
            new XElement(Svg + "title", title),
            new XElement(Svg + "style", Style),
            Rectangle(width, height),
            Dots(),
            new XElement(Svg + "text", new XAttribute("class", "title"), new XAttribute("x", width / 2), new XAttribute("y", TitleHeight - 12), title),
            Lines(lines));

        // Adds line breaks only between text elements. Inside an element they would be visible.
        return picture.ToString(SaveOptions.DisableFormatting).Replace("><text", ">\n<text", StringComparison.Ordinal) + "\n";
    }

    private static XElement Rectangle(double width, int height) => new(Svg + "rect",
        new XAttribute("width", width), new XAttribute("height", height), new XAttribute("rx", 10), new XAttribute("fill", "#0f1b26"));

    private static IEnumerable<XElement> Dots() => ((string[])["#ff5f57", "#febc2e", "#28c840"]).Select((colour, i) => new XElement(Svg + "circle",
        new XAttribute("cx", Margin + 6 + (i * 20)), new XAttribute("cy", TitleHeight / 2), new XAttribute("r", 6), new XAttribute("fill", colour)));

    private static IEnumerable<XElement> Lines(List<List<(string Style, string Text)>> lines) => lines.Index().Where(line => line.Item.Count > 0).Select(line =>

        // textLength keeps columns aligned in every font.
        new XElement(Svg + "text",
            new XAttribute("x", Margin),
            new XAttribute("y", TitleHeight + ((line.Index + 1) * LineHeight) - 4),
            new XAttribute("textLength", Math.Round(line.Item.Sum(run => run.Text.Length) * CharWidth, 1)),
            line.Item.Select(run => new XElement(Svg + "tspan", run.Style.Length > 0 ? new XAttribute("class", run.Style) : null, run.Text))));

    /// <summary>Splits the output into the lines that a terminal shows. A line that is too long is wrapped.</summary>
    private static List<List<(string Style, string Text)>> Wrap(IEnumerable<string> lines)
    {
        List<List<(string Style, string Text)>> wrapped = [];
        string style = string.Empty;
        foreach (string line in lines)
        {
            wrapped.Add([]);
            int column = 0;
            foreach (Match match in Run().Matches(line))
            {
                style = match.Groups["codes"].Success ? StyleAfter(style, match.Groups["codes"].Value) : style;
                string text = match.Groups["text"].Value;
                while (text.Length > 0)
                {
                    if (column == Columns)
                    {
                        wrapped.Add([]);
                        column = 0;
                    }

                    string part = text[..Math.Min(text.Length, Columns - column)];
                    wrapped[^1].Add((style, part));
                    column += part.Length;
                    text = text[part.Length..];
                }
            }
        }

        return wrapped;
    }

    /// <summary>Applies a sequence such as <c>32;1</c> to a style.</summary>
    private static string StyleAfter(string style, string codes)
    {
        HashSet<string> words = [.. style.Split(' ', StringSplitOptions.RemoveEmptyEntries)];
        foreach (string code in codes.Split(';'))
        {
            switch (code.Length == 0 ? 0 : int.Parse(code, CultureInfo.InvariantCulture))
            {
                case 0:
                    words.Clear();
                    break;
                case 1:
                    words.Add("bold");
                    break;
                case 2:
                    words.Add("dim");
                    break;
                case 22:
                    words.ExceptWith(["bold", "dim"]);
                    break;
                case var colour and (>= 30 and <= 37 or >= 90 and <= 97 or 39):
                    words.ExceptWith(Colours);
                    words.Add(colour == 39 ? string.Empty : Colours[colour % 10]);
                    break;
            }
        }

        StringBuilder after = new();
        return after.AppendJoin(' ', words.Where(word => word.Length > 0).Order(StringComparer.Ordinal)).ToString();
    }

    // Sequences that end with m set colors. All others are not visible.
    [GeneratedRegex(@"\e\[(?<codes>[0-9;]*)m|\e\[[0-9;?]*[A-Za-z]|(?<text>[^\e]+)")]
    private static partial Regex Run();
}
