using ShakenFist.Blobs.Emulator;

namespace ShakenFist.Blobs.Playground;

/// <summary>Runs the playground: a command, a script, a picture, or the tour followed by the prompt.</summary>
internal sealed class PlaygroundRun(PlaygroundOptions options, SfEmulator? emulator, Shell shell)
{
    private static readonly string Module = Path.Combine(AppContext.BaseDirectory, "Playground.psm1");

    // The picture must not depend on the terminal and the language of the user.
    private static readonly Dictionary<string, string?> PictureEnvironment = new() { ["NO_COLOR"] = null, ["TERM"] = "xterm-256color", ["LC_ALL"] = "en_US.UTF-8", ["TZ"] = "UTC" };

    private static bool IsTerminal => !Console.IsInputRedirected && !Console.IsOutputRedirected;

    /// <summary>Runs the playground and returns the exit code.</summary>
    public async Task<int> RunAsync()
    {
        if (options.Picture is not null)
        {
            return await DrawPictureAsync(options.Picture);
        }

        // Ignore Ctrl+C here, because pwsh also receives it.
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

    // The execution policy only exists on Windows. The scripts here belong to this build and are not signed.
    private static string[] Arguments(string option) =>
        [.. ((string[])["-NoLogo", "-NoProfile", "-ExecutionPolicy", "Bypass", option, "-Command"]).Where(argument => argument.Length > 0)];

    /// <summary>Returns the command that prepares the session. It runs the commands of the tour in the global scope, as if the user had typed them.</summary>
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
