using System.Management.Automation;
using System.Xml.Linq;
using ShakenFist.Blobs.Tests.Hosting;

namespace ShakenFist.Blobs.Tests.Views;

/// <summary>Displays objects with the views of the built module.</summary>
internal static class ViewEngine
{
    public static XDocument File { get; } = XDocument.Load(Path.Combine(ModuleUnderTest.Layout, "ShakenFist.Blobs.format.ps1xml"));

    public static IEnumerable<XElement> Views => File.Descendants("View");

    /// <summary>Returns the lines that Out-Default displays for objects, as a table or a list. They are the same in each language mode.</summary>
    public static IReadOnlyList<string> Show(object? objects, bool asList, bool terminal = false)
    {
        IReadOnlyList<string> lines = Show(objects, asList, terminal, PSLanguageMode.FullLanguage);
        Assert.Equal(lines, Show(objects, asList, terminal, PSLanguageMode.ConstrainedLanguage));
        return lines;
    }

    private static IReadOnlyList<string> Show(object? objects, bool asList, bool terminal, PSLanguageMode mode)
    {
        using Engine engine = new(new HostOptions { IsTerminal = terminal });
        engine["objects"] = objects;
        engine.LanguageMode = mode;
        return [.. engine.Run(asList ? "$objects | Format-List | Out-Default" : "$objects | Out-Default").Good.ShownLines.Select(line => WithoutEnginesColors(line).TrimEnd())];
    }

    // The engine colors headers and labels with these sequences. Any other sequence would be from a server.
    private static string WithoutEnginesColors(string line) => line
        .Replace("\u001b[32;1;3m", "", StringComparison.Ordinal)
        .Replace("\u001b[32;1m", "", StringComparison.Ordinal)
        .Replace("\u001b[0m", "", StringComparison.Ordinal);
}
