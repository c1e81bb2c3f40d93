using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Playground.Host;

namespace ShakenFist.Blobs.Playground;

/// <summary>One run of the playground: a command, a script, or the tour and the prompt, by the user's pwsh where there is one, else by the embedded engine.</summary>
internal sealed class Visit(PlaygroundOptions options, SfEmulator? emulator, PwshProcess? pwsh)
{
    private static bool IsTerminal => !Console.IsInputRedirected && !Console.IsOutputRedirected;

    /// <summary>Returns the process's exit code.</summary>
    public int Run()
    {
        Engine? running = null;
        Console.CancelKeyPress += (_, pressed) =>
        {
            // Ctrl+C is for the command that runs, here or in pwsh, which gets it too; not for the playground.
            Volatile.Read(ref running)?.Stop();
            pressed.Cancel = running is not null || pwsh is not null;
        };

        if (pwsh is not null && options.Command is not null)
        {
            return pwsh.Command(options.Command);
        }

        if (pwsh is not null && options.File is not null)
        {
            return pwsh.Script(options.File, options.FileArguments);
        }

        if (options.Picture is not null)
        {
            return DrawPicture(options.Picture);
        }

        using Engine engine = Open(new PlaygroundUI());
        Volatile.Write(ref running, engine);
        if (options.Command is not null || options.File is not null)
        {
            return RunOnce(engine, options.Command ?? ScriptCall.Text(options.File!, options.FileArguments));
        }

        PlaygroundUI ui = engine.Host.Console;
        ui.WriteLine($"ShakenFist.Blobs {ModuleUnderHand.Version}" + (emulator is null ? string.Empty : $" on an emulated cluster at {emulator.Url}"));
        bool tourEnded = emulator is null || options.NoTour || Tour.Play(engine);
        if (!IsTerminal)
        {
            return tourEnded ? ExitCodes.Success : ExitCodes.Failure;
        }

        if (pwsh is not null)
        {
            ui.WriteLine($"{Environment.NewLine}From here on this is your own PowerShell {pwsh.Version}, with the module imported.");
            Volatile.Write(ref running, null);
            return pwsh.Prompt();
        }

        ui.WriteLine($"{Environment.NewLine}No Utility or Management module here; pwsh has them: https://aka.ms/powershell");
        return Prompt.Run(engine);
    }

    private int DrawPicture(string path)
    {
        using StringWriter shown = new();
        using Engine engine = Open(new PlaygroundUI(shown));
        bool ended = Tour.Play(engine, "Picture.ps1");
        File.WriteAllText(path, TerminalPicture.Draw(shown.ToString(), $"PowerShell with ShakenFist.Blobs {ModuleUnderHand.Version}"));
        return ended ? ExitCodes.Success : ExitCodes.Failure;
    }

    private Engine Open(PlaygroundUI ui)
    {
        Engine engine = Engine.Open(new PlaygroundHost(ui));
        engine.Location = Environment.CurrentDirectory;
        if (emulator is not null)
        {
            engine.SetVariable("emulator", emulator);
        }

        return engine;
    }

    private static int RunOnce(Engine engine, string text)
    {
        RunOutcome outcome = engine.Run(text);
        return engine.Host.ExitCode ?? outcome switch
        {
            RunOutcome.Succeeded => ExitCodes.Success,
            RunOutcome.Stopped => ExitCodes.Interrupted,
            _ => ExitCodes.Failure,
        };
    }
}
