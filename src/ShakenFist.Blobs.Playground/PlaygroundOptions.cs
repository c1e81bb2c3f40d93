namespace ShakenFist.Blobs.Playground;

/// <summary>The options of the command line. As in PowerShell, names are not case-sensitive. They can have one or two dashes.</summary>
internal sealed record PlaygroundOptions
{
    public const string Usage = """
        A playground for ShakenFist.Blobs: an emulated cluster, and PowerShell with the
        module imported and connected to it.

          dotnet run --project src/ShakenFist.Blobs.Playground [-- options]

          (none)               show the tour; then, at a terminal, the prompt
          -Command <text>      run the text and exit with its status
          -File <ps1> [args]   run the script and exit with its status
          -Picture <svg>       draw a short tour, as a terminal shows it
          -NoTour              show the prompt without the tour
          -NoCluster           do not start the emulated cluster
          -Help                show this text
        """;

    public string? Command { get; init; }

    public string? File { get; init; }

    public IReadOnlyList<string> FileArguments { get; init; } = [];

    /// <summary>Full path of the SVG file to create.</summary>
    public string? Picture { get; init; }

    public bool NoTour { get; init; }

    public bool NoCluster { get; init; }

    public bool Help { get; init; }

    /// <summary>Parses the command line.</summary>
    /// <exception cref="FormatException">An option is unknown, or its value is missing.</exception>
    public static PlaygroundOptions Parse(IReadOnlyList<string> arguments)
    {
        PlaygroundOptions options = new();
        for (int i = 0; i < arguments.Count; i++)
        {
            string? value = i + 1 < arguments.Count ? arguments[i + 1] : null;
            switch (Name(arguments[i]))
            {
                case "COMMAND" or "C":
                    options = options with { Command = value ?? throw new FormatException("-Command requires the text to run.") };
                    i++;
                    break;
                case "FILE" or "F":
                    // As with pwsh, all remaining arguments belong to the script.
                    options = options with
                    {
                        File = Path.GetFullPath(value ?? throw new FormatException("-File requires the name of a script.")),
                        FileArguments = [.. arguments.Skip(i + 2)],
                    };
                    i = arguments.Count;
                    break;
                case "PICTURE":
                    options = options with { Picture = Path.GetFullPath(value ?? throw new FormatException("-Picture requires the name of a file.")) };
                    i++;
                    break;
                case "NOTOUR":
                    options = options with { NoTour = true };
                    break;
                case "NOCLUSTER":
                    options = options with { NoCluster = true };
                    break;
                case "HELP" or "H" or "?":
                    options = options with { Help = true };
                    break;
                default:
                    throw new FormatException($"The option '{arguments[i]}' does not exist.");
            }
        }

        return ((string?[])[options.Command, options.File, options.Picture]).Count(given => given is not null) > 1
            ? throw new FormatException("-Command, -File, and -Picture cannot be combined.")
            : options.Picture is not null && options.NoCluster
            ? throw new FormatException("-Picture requires the emulated cluster and cannot be combined with -NoCluster.")
            : options;
    }

    private static string? Name(string argument) => argument.StartsWith('-') ? argument.TrimStart('-').ToUpperInvariant() : null;
}
