namespace ShakenFist.Blobs.Packager;

/// <summary>What the command line asks for.</summary>
internal sealed record PackagerOptions
{
    public const string Usage = """
        Makes the package of the module, its SHA-256 and its bill of materials.

          dotnet run --project src/ShakenFist.Blobs.Packager [-- options]

          --layout DIR    pack this layout of the module instead of building one in Release
          --output DIR    where to put the files (artifacts/package/release)
          --help          this text
        """;

    /// <summary>The layout to pack; null has one built.</summary>
    public string? Layout { get; init; }

    public string? Output { get; init; }

    public bool Help { get; init; }

    /// <summary>Reads the command line.</summary>
    /// <exception cref="FormatException">It cannot be understood.</exception>
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
