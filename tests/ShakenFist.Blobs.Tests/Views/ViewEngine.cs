using System.Management.Automation.Runspaces;
using System.Xml.Linq;
using ShakenFist.Blobs.Tests.Hosting;

namespace ShakenFist.Blobs.Tests.Views;

/// <summary>
/// The views of the built module. The engine alone has no Format-List, and Out-Default takes a type's first view, which is the table:
/// so list views are seen in a runspace that was given a copy of the format file without the tables.
/// </summary>
internal static class ViewEngine
{
    public static XDocument File { get; } = XDocument.Load(Path.Combine(ModuleUnderTest.Layout, "ShakenFist.Blobs.format.ps1xml"));

    public static IEnumerable<XElement> Views => File.Descendants("View");

    /// <summary>The lines that Out-Default shows of objects, in a table or in a list.</summary>
    public static IReadOnlyList<string> Show(object? objects, bool asList, bool terminal = false)
    {
        HostOptions host = new() { IsTerminal = terminal };
        using Engine engine = asList ? Lists(host) : new Engine(host);
        engine["objects"] = objects;
        return [.. engine.Run("$objects | Out-Default").Good.ShownLines.Select(line => WithoutEnginesColors(line).TrimEnd())];
    }

    // The engine colours headers and labels by itself, always by these; any other sequence would be a server's.
    private static string WithoutEnginesColors(string line) => line
        .Replace("\u001b[32;1;3m", "", StringComparison.Ordinal)
        .Replace("\u001b[32;1m", "", StringComparison.Ordinal)
        .Replace("\u001b[0m", "", StringComparison.Ordinal);

    private static Engine Lists(HostOptions host)
    {
        XDocument lists = new(File);
        lists.Descendants("View").Where(view => view.Element("TableControl") is not null).Remove();
        string path = Path.ChangeExtension(Path.GetTempFileName(), ".format.ps1xml");
        lists.Save(path);
        try
        {
            // The types are known to the process once the module has been imported anywhere.
            _ = ModuleUnderTest.CmdletAssembly;
            InitialSessionState state = InitialSessionState.CreateDefault2();
            state.Formats.Add(new SessionStateFormatEntry(path));
            return new Engine(host, import: false, state);
        }
        finally
        {
            System.IO.File.Delete(path);
        }
    }
}
