using System.Text;
using ShakenFist.Blobs.Playground.Host;

namespace ShakenFist.Blobs.Playground;

/// <summary>Plays a script such as Tour.ps1: comments are what the guide says, every other line is a command that is shown and run.</summary>
internal static class Tour
{
    private const string Green = "\e[32m";
    private const string Bold = "\e[1m";

    /// <summary>True when every command ran to its end; false when the user stopped the tour or a command broke it off.</summary>
    public static bool Play(Engine engine, string script = "Tour.ps1")
    {
        PlaygroundUI ui = engine.Host.Console;
        string location = engine.Location;
        DirectoryInfo folder = Directory.CreateTempSubdirectory("sf-tour-");
        engine.Location = folder.FullName;
        ui.WriteLine(string.Empty);
        ui.Presenting = true;
        try
        {
            return Lines(script).All(line => Play(engine, ui, line));
        }
        finally
        {
            ui.Presenting = false;
            engine.Location = location;
            folder.Delete(recursive: true);
        }
    }

    private static bool Play(Engine engine, PlaygroundUI ui, string line)
    {
        if (line.Length == 0 || line.StartsWith('#'))
        {
            ui.WriteLine(ui.Paint(Green, line));
            return true;
        }

        ui.WriteLine("PS> " + ui.Paint(Bold, line));
        return engine.Run(line) is RunOutcome.Succeeded or RunOutcome.Failed;
    }

    private static IEnumerable<string> Lines(string script)
    {
        using Stream stream = typeof(Tour).Assembly.GetManifestResourceStream(script)!;
        using StreamReader reader = new(stream, Encoding.UTF8);
        while (reader.ReadLine() is { } line)
        {
            yield return line;
        }
    }
}
