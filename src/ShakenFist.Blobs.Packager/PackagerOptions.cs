namespace ShakenFist.Blobs.Packager;

/// <summary>The options of the command line.</summary>
internal sealed record PackagerOptions
{
    public const string Usage = """
        Creates the package of the module, its SHA-256 hash, and its bill of materials.

          dotnet run --project src/ShakenFist.Blobs.Packager [-- options]

          --layout DIR    pack this module directory instead of building the module in Release
          --output DIR    the directory for the files (artifacts/package/release)
          --help          show this text
        """;

    /// <summary>The layout to pack. Null to build it first.</summary>
    public string? Layout { get; init; }

    public string? Output { get; init; }

    public bool Help { get; init; }

    /// <summary>Parses the command line.</summary>
    /// <exception cref="FormatException">An option is unknown, or its value is missing.</exception>
    public static PackagerOptions Parse(IReadOnlyList<string> arguments)
    {
        PackagerOptions options = new();
        for (int i = 0; i < arguments.Count; i++)
        {
            string name = arguments[i];
            string Directory() => ++i < arguments.Count ? Path.GetFullPath(arguments[i]) : throw new FormatException($"The option {name} requires a directory.");
            options = name switch
            {
                "--layout" => options with { Layout = Directory() },
                "--output" => options with { Output = Directory() },
                "--help" or "-h" => options with { Help = true },
                _ => throw new FormatException($"The option '{name}' does not exist."),
            };
        }

        return options;
    }
}
