namespace ShakenFist.Blobs.Playground.Host;

/// <summary>Breaks long lines between words.</summary>
internal static class Wrapping
{
    private const string Indent = "  ";

    /// <summary>The lines of the text, none wider than the width unless a single word is; what continues a line is indented.</summary>
    public static IEnumerable<string> Lines(string text, int width)
    {
        foreach (string line in text.TrimEnd().ReplaceLineEndings("\n").Split('\n'))
        {
            string rest = line;
            while (rest.Length > width)
            {
                int start = rest.Length - rest.TrimStart().Length;
                int space = rest.LastIndexOf(' ', width);
                space = space > start ? space : rest.IndexOf(' ', start);
                if (space < 0)
                {
                    break;
                }

                yield return rest[..space];
                rest = rest[..start] + (start == 0 ? Indent : string.Empty) + rest[(space + 1)..];
            }

            yield return rest;
        }
    }
}
