using System.Globalization;

namespace ShakenFist.Blobs.Emulator;

/// <summary>The arguments of the program.</summary>
internal sealed record CommandLine
{
    public const string Usage =
        """
        Runs an emulated Shaken Fist server with the blob API on this computer.

          --port PORT                 the port on 127.0.0.1 (13000); 0 for any free port
          --data DIR                  a directory whose files are the blobs (a demo cluster)
          --generation A|B|C|D        the generation of the server (C)
          --namespace NAME:KEY        an ordinary namespace; can be repeated (banana)
          --admin-key KEY             the key of the system namespace
          --token-lifetime SECONDS    the lifetime of a token (900)
          --keep-alive                keep connections open, as behind Apache
          --base-path PATH            the path of the API, such as /api, as behind Apache
          --help                      show this text

        When the server is ready, it prints SHAKENFIST_API_URL, SHAKENFIST_NAMESPACE, and
        SHAKENFIST_KEY, one on each line. Press Ctrl+C to stop it.
        """;

    public EmulatorOptions Options { get; init; } = new() { Port = 13000 };

    public IReadOnlyList<(string Name, string Key)> Namespaces { get; init; } = [];

    public string AdminKey { get; init; } = DemoCluster.AdminKey;

    public bool Help { get; init; }

    /// <exception cref="FormatException">An argument is unknown, or its value is missing or not valid.</exception>
    public static CommandLine Parse(IReadOnlyList<string> arguments)
    {
        var line = new CommandLine();
        for (int i = 0; i < arguments.Count; i++)
        {
            string name = arguments[i];
            string Value() => ++i < arguments.Count ? arguments[i] : throw new FormatException($"The option {name} requires a value.");
            line = name switch
            {
                "--port" => line with { Options = line.Options with { Port = Number(name, Value()) } },
                "--data" => line with { Options = line.Options with { DataDirectory = Directory(Value()) } },
                "--generation" => line with { Options = line.Options with { Generation = Generation(Value()) } },
                "--namespace" => line with { Namespaces = [.. line.Namespaces, Namespace(Value())] },
                "--admin-key" => line with { AdminKey = Value() },
                "--token-lifetime" => line with { Options = line.Options with { TokenLifetime = Seconds(name, Value()) } },
                "--keep-alive" => line with { Options = line.Options with { KeepAlive = true } },
                "--base-path" => line with { Options = line.Options with { BasePath = Value() } },
                "--help" or "-h" => line with { Help = true },
                _ => throw new FormatException($"The option '{name}' does not exist."),
            };
        }

        return line;
    }

    private static int Number(string name, string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            ? number
            : throw new FormatException($"The value '{text}' of {name} is not a valid number.");

    private static TimeSpan Seconds(string name, string text) => TimeSpan.FromSeconds(Number(name, text));

    private static ServerGeneration Generation(string text) => text.ToUpperInvariant() switch
    {
        "A" => ServerGeneration.A,
        "B" => ServerGeneration.B,
        "C" => ServerGeneration.C,
        "D" => ServerGeneration.D,
        _ => throw new FormatException($"The value '{text}' of --generation is not valid. Specify A, B, C, or D."),
    };

    private static string Directory(string path) =>
        System.IO.Directory.Exists(path) ? path : throw new FormatException($"The directory '{path}' does not exist.");

    private static (string Name, string Key) Namespace(string text)
    {
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon > 0 && colon < text.Length - 1
            ? (text[..colon], text[(colon + 1)..])
            : throw new FormatException("The value of --namespace is not valid. Specify NAME:KEY.");
    }
}
