using System.Xml.Linq;
using ShakenFist.Blobs.Tests.Hosting;

namespace ShakenFist.Blobs.Tests.Views;

/// <summary>Shows objects in the views of the built module.</summary>
internal static class ViewEngine
{
    public static XDocument File { get; } = XDocument.Load(Path.Combine(ModuleUnderTest.Layout, "ShakenFist.Blobs.format.ps1xml"));

    public static IEnumerable<XElement> Views => File.Descendants("View");

    /// <summary>The lines that Out-Default shows of objects, in a table or in a list.</summary>
    public static IReadOnlyList<string> Show(object? objects, bool asList, bool terminal = false)
    {
        using Engine engine = new(new HostOptions { IsTerminal = terminal });
        engine["objects"] = objects;
        return [.. engine.Run(asList ? "$objects | Format-List | Out-Default" : "$objects | Out-Default").Good.ShownLines.Select(line => WithoutEnginesColors(line).TrimEnd())];
    }

    // The engine colours headers and labels by itself, always by these; any other sequence would be a server's.
    private static string WithoutEnginesColors(string line) => line
        .Replace("\u001b[32;1;3m", "", StringComparison.Ordinal)
        .Replace("\u001b[32;1m", "", StringComparison.Ordinal)
        .Replace("\u001b[0m", "", StringComparison.Ordinal);
}
