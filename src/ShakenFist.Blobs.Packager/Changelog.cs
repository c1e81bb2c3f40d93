namespace ShakenFist.Blobs.Packager;

/// <summary>Reads the sections of the changelog.</summary>
internal static class Changelog
{
    /// <summary>Returns the text below the heading of a version.</summary>
    /// <exception cref="FormatException">There is no text for this version.</exception>
    public static string Section(string changelog, string version)
    {
        string[] words = [version, $"[{version}]"];
        IEnumerable<string> lines = changelog.ReplaceLineEndings("\n").Split('\n')
            .SkipWhile(line => !(IsHeading(line) && line.Split(' ').Intersect(words).Any()))
            .Skip(1)
            .TakeWhile(line => !IsHeading(line));
        string section = string.Join('\n', lines).Trim();
        return section.Length > 0 ? section : throw new FormatException($"The changelog does not contain version {version}.");
    }

    private static bool IsHeading(string line) => line.StartsWith("## ", StringComparison.Ordinal);
}
