using System.IO.Enumeration;
using System.Text.RegularExpressions;
using ShakenFist.Blobs.Tests.Hosting;

namespace ShakenFist.Blobs.Tests.Conventions;

/// <summary>Checks that the text files of the repository contain none of the words in docs/design/words-to-avoid.txt.</summary>
public sealed partial class LanguageConventions
{
    private const string ListName = "docs/design/words-to-avoid.txt";
    private const string ExceptionPrefix = "except: ";

    // Between the words of a phrase: spaces, or a line break with the start of a comment.
    private const string Gap = @"(?:[ \t]+|[ \t]*\r?\n[ \t]*(?:///|//|#|\*)?[ \t]*)";

    private static readonly string[] Extensions = [".cs", ".ps1", ".psm1", ".psd1", ".ps1xml", ".md", ".txt", ".xml"];
    private static readonly string[] IgnoredFolders = [".git", ".idea", ".vs", "artifacts", "bin", "obj", "out", "StrykerOutput", "TestResults"];
    private static readonly string[] IgnoredFiles = [ListName, "THIRD-PARTY-NOTICES.txt"];

    private static readonly Lazy<Entry[]> Entries = new(() => [.. ReadEntries()]);
    private static readonly Lazy<SourceText[]> Texts = new(() => [.. ReadTexts()]);

    private sealed record Exemption(string Path, string Reason)
    {
        public bool Includes(SourceText text) => FileSystemName.MatchesSimpleExpression(Path, text.Name, ignoreCase: false);
    }

    private sealed record Entry(string Word, string Instead, Exemption[] Exemptions)
    {
        private readonly string _longest = Word.Split(' ').MaxBy(part => part.Length)!;
        private readonly StringComparison _comparison = Word.Any(char.IsUpper) ? StringComparison.Ordinal : StringComparison.OrdinalIgnoreCase;
        private readonly Regex _pattern = PatternOf(Word);

        /// <summary>Returns the lines that contain the word. Most texts are excluded by a fast search for its longest part.</summary>
        public IEnumerable<int> FindIn(SourceText text) => text.Content.Contains(_longest, _comparison)
            ? _pattern.Matches(text.Content).Select(match => text.Content.AsSpan(0, match.Index).Count('\n') + 1)
            : [];

        private static Regex PatternOf(string word)
        {
            string parts = string.Join(Gap, word.Split(' ').Select(part => Regex.Escape(part)));
            RegexOptions options = word.Any(char.IsUpper) ? RegexOptions.None : RegexOptions.IgnoreCase;
            return new Regex($@"(?<!\w){parts}(?!\w)", options | RegexOptions.CultureInvariant);
        }
    }

    private sealed record SourceText(string Name, string Content);

    [Fact]
    public void No_file_contains_a_word_of_the_list()
    {
        Assert.True(Texts.Value.Length > 500);
        string[] found = [.. Texts.Value.SelectMany(text => Entries.Value
            .Where(entry => !entry.Exemptions.Any(exemption => exemption.Includes(text)))
            .SelectMany(entry => entry.FindIn(text).Select(line => $"{text.Name}({line}): '{entry.Word}'. Use instead: {entry.Instead}")))];
        Assert.True(found.Length == 0, string.Join('\n', found));
    }

    [Fact]
    public void Each_entry_is_listed_once_with_a_replacement()
    {
        Assert.All(Entries.Value, entry => Assert.True(entry.Word.Length > 0 && entry.Instead.Length > 0, $"'{entry.Word}' has no replacement."));
        Assert.Equal(Entries.Value.Length, Entries.Value.Select(entry => entry.Word).Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public void Each_exception_has_a_reason_and_is_still_needed() => Assert.All(
        Entries.Value.SelectMany(entry => entry.Exemptions.Select(exemption => (Entry: entry, Exemption: exemption))),
        pair =>
        {
            Assert.True(pair.Exemption.Reason.Length > 0, $"The exception {pair.Exemption.Path} of '{pair.Entry.Word}' has no reason.");
            bool isNeeded = Texts.Value.Any(text => pair.Exemption.Includes(text) && pair.Entry.FindIn(text).Any());
            Assert.True(isNeeded, $"The exception {pair.Exemption.Path} of '{pair.Entry.Word}' is no longer needed.");
        });

    private static IEnumerable<Entry> ReadEntries() => File.ReadLines(Path.Combine(ModuleUnderTest.Root, ListName))
        .Where(line => line.Length > 0 && !line.StartsWith('#'))
        .Select(line => line.Split('\t'))
        .Select(cells => new Entry(cells[0], cells.ElementAtOrDefault(1) ?? string.Empty, [.. cells.Skip(2).Select(ParseExemption)]));

    private static Exemption ParseExemption(string cell)
    {
        Assert.StartsWith(ExceptionPrefix, cell, StringComparison.Ordinal);
        string[] parts = cell[ExceptionPrefix.Length..].Split(' ', 2);
        return new Exemption(parts[0], parts.ElementAtOrDefault(1) ?? string.Empty);
    }

    private static IEnumerable<SourceText> ReadTexts() => FilesIn(ModuleUnderTest.Root)
        .Select(file => (Name: Path.GetRelativePath(ModuleUnderTest.Root, file).Replace('\\', '/'), Content: File.ReadAllText(file)))
        .Where(file => !IgnoredFiles.Contains(file.Name))
        .Select(file => new SourceText(file.Name, TextOf(file.Name, file.Content)));

    private static IEnumerable<string> FilesIn(string folder) =>
    [
        .. Directory.EnumerateFiles(folder).Where(file => Extensions.Contains(Path.GetExtension(file))),
        .. Directory.EnumerateDirectories(folder).Where(child => !IgnoredFolders.Contains(Path.GetFileName(child))).SelectMany(FilesIn),
    ];

    // The tables of the changelog contain earlier names.
    private static string TextOf(string name, string text) => name == "CHANGELOG.md" ? TableRow().Replace(text, string.Empty) : text;

    [GeneratedRegex(@"^\|.*$", RegexOptions.Multiline)]
    private static partial Regex TableRow();
}
