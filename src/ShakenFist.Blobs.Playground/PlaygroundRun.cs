using ShakenFist.Blobs.Emulator;

namespace ShakenFist.Blobs.Playground;

/// <summary>One run of the playground: a command, a script, a picture, or the tour and the prompt.</summary>
internal sealed class PlaygroundRun(PlaygroundOptions options, SfEmulator? emulator, Shell shell)
{
    private static readonly string Module = Path.Combine(AppContext.BaseDirectory, "Playground.psm1");

    // A picture does not depend on the terminal and the language of whoever draws it.
    private static readonly Dictionary<string, string?> PictureEnvironment = new() { ["NO_COLOR"] = null, ["TERM"] = "xterm-256color", ["LC_ALL"] = "en_US.UTF-8" };

    private static bool IsTerminal => !Console.IsInputRedirected && !Console.IsOutputRedirected;

    /// <summary>Returns the exit code.</summary>
    public async Task<int> RunAsync()
    {
        if (options.Picture is not null)
        {
            return await DrawPictureAsync(options.Picture);
        }

        // Ctrl+C is for pwsh, which receives it too.
        Console.CancelKeyPress += (_, pressed) => pressed.Cancel = true;
        return options.Command is not null ? await RunOnceAsync(options.Command)
            : options.File is not null ? await RunOnceAsync(ScriptCall.Text(options.File, options.FileArguments))
            : await shell.RunAsync([.. Arguments(IsTerminal ? "-NoExit" : "-NonInteractive"), Start(IsTerminal ? "-Interactive" : string.Empty)]);
    }

    private Task<int> RunOnceAsync(string text) => shell.RunAsync(
        [.. Arguments(Console.IsInputRedirected ? "-NonInteractive" : string.Empty), $"Import-Module {ScriptCall.Quote(ModuleLayout.Manifest)} -ErrorAction Stop\n{text}"]);

    private async Task<int> DrawPictureAsync(string path)
    {
        (int exitCode, string output) = await shell.ReadAsync(PictureEnvironment, [.. Arguments("-NonInteractive"), Start("-Picture")]);
        await File.WriteAllTextAsync(path, TerminalPicture.Draw(output, $"PowerShell with ShakenFist.Blobs {ModuleLayout.Version}"));
        return exitCode;
    }

    // The execution policy is one of Windows: the scripts here are those of this build, and are not signed.
    private static string[] Arguments(string option) =>
        [.. ((string[])["-NoLogo", "-NoProfile", "-ExecutionPolicy", "Bypass", option, "-Command"]).Where(argument => argument.Length > 0)];

    /// <summary>The command that prepares the session. The block runs the commands of the tour in the global scope, as if they were typed.</summary>
    private string Start(string option)
    {
        string tour = emulator is null || options.NoTour ? string.Empty : "-Tour";
        string title = $"ShakenFist.Blobs {ModuleLayout.Version} on PowerShell {shell.Version}" + (emulator is null ? string.Empty : ", with an emulated cluster");
        return $$"""
            Import-Module {{ScriptCall.Quote(ModuleLayout.Manifest)}} -ErrorAction Stop
            Import-Module {{ScriptCall.Quote(Module)}} -ErrorAction Stop
            Start-Playground -Title {{ScriptCall.Quote(title)}} {{tour}} {{option}} -Invoke { . ([scriptblock]::Create($args[0])) | Out-Default }
            Remove-Module Playground
            """;
    }
}
