using System.Management.Automation.Language;

namespace ShakenFist.Blobs.Playground;

/// <summary>The embedded engine's prompt: lines are read, run and shown until <c>exit</c> or the end of the input.</summary>
internal static class Prompt
{
    /// <summary>Returns the exit code that <c>exit</c> was given, else 0.</summary>
    public static int Run(Engine engine)
    {
        LineInput input = new(engine.Complete);
        while (engine.Host.ExitCode is null && ReadCommand(input, $"PS {engine.Location}> ") is { } text)
        {
            if (text.Trim().Length > 0)
            {
                engine.Run(text);
            }
        }

        return engine.Host.ExitCode ?? 0;
    }

    /// <summary>A whole command: as long as PowerShell finds that the text is not complete, more lines are asked for.</summary>
    private static string? ReadCommand(LineInput input, string prompt)
    {
        string? text = input.Read(prompt);
        while (text is not null && IsIncomplete(text))
        {
            string? more = input.Read(">> ");
            if (string.IsNullOrEmpty(more))
            {
                return more;
            }

            text += "\n" + more;
        }

        return text;
    }

    private static bool IsIncomplete(string text)
    {
        Parser.ParseInput(text, out _, out ParseError[] errors);
        return Array.Exists(errors, e => e.IncompleteInput);
    }
}
