namespace ShakenFist.Blobs.Playground;

/// <summary>What the command line asks for. Names are PowerShell's: any case, one dash or two.</summary>
internal sealed record PlaygroundOptions
{
    public const string Usage = """
        A playground for ShakenFist.Blobs: an emulated cluster, and PowerShell with the
        module loaded and connected to it.

          dotnet run --project src/ShakenFist.Blobs.Playground [-- options]

          (none)               the tour; then, at a terminal, a prompt
          -Command <text>      run the text and exit with its status
          -File <ps1> [args]   run the script and exit with its status
          -Picture <svg>       draw a short tour, as a terminal shows it
          -NoTour              the prompt at once
          -NoCluster           start no emulated cluster
          -Embedded            use the embedded engine even where pwsh is installed
          -Help                this text
        """;

    public string? Command { get; init; }

    public string? File { get; init; }

    public IReadOnlyList<string> FileArguments { get; init; } = [];

    /// <summary>Full path of the picture to draw.</summary>
    public string? Picture { get; init; }

    public bool NoTour { get; init; }

    public bool NoCluster { get; init; }

    public bool Embedded { get; init; }

    public bool Help { get; init; }

    /// <summary>Reads the command line.</summary>
    /// <exception cref="FormatException">It cannot be understood.</exception>
    public static PlaygroundOptions Parse(IReadOnlyList<string> arguments)
    {
        PlaygroundOptions options = new();
        for (int i = 0; i < arguments.Count; i++)
        {
            string? value = i + 1 < arguments.Count ? arguments[i + 1] : null;
            switch (Name(arguments[i]))
            {
                case "COMMAND" or "C":
                    options = options with { Command = value ?? throw new FormatException("-Command needs the text to run.") };
                    i++;
                    break;
                case "FILE" or "F":
                    // As with pwsh, all that follows belongs to the script.
                    options = options with
                    {
                        File = Path.GetFullPath(value ?? throw new FormatException("-File needs the name of a script.")),
                        FileArguments = [.. arguments.Skip(i + 2)],
                    };
                    i = arguments.Count;
                    break;
                case "PICTURE":
                    options = options with { Picture = Path.GetFullPath(value ?? throw new FormatException("-Picture needs the name of a file.")) };
                    i++;
                    break;
                case "NOTOUR":
                    options = options with { NoTour = true };
                    break;
                case "NOCLUSTER":
                    options = options with { NoCluster = true };
                    break;
                case "EMBEDDED":
                    options = options with { Embedded = true };
                    break;
                case "HELP" or "H" or "?":
                    options = options with { Help = true };
                    break;
                default:
                    throw new FormatException($"There is no option '{arguments[i]}'.");
            }
        }

        return ((string?[])[options.Command, options.File, options.Picture]).Count(given => given is not null) > 1
            ? throw new FormatException("-Command, -File and -Picture exclude each other.")
            : options.Picture is not null && options.NoCluster
            ? throw new FormatException("There is nothing to draw a picture of without a cluster.")
            : options;
    }

    private static string? Name(string argument) => argument.StartsWith('-') ? argument.TrimStart('-').ToUpperInvariant() : null;
}
