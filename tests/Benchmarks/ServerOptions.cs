using System.Text.Json;
using ShakenFist.Blobs.Emulator;

namespace ShakenFist.Blobs.Benchmarks;

/// <summary>The settings of the cluster, as they are passed to the server process.</summary>
internal sealed record ServerOptions
{
    /// <summary>Blobs with data, records without data, or a disk that is mostly zeros.</summary>
    public string Kind { get; init; } = "data";

    /// <summary>The length of each blob in bytes.</summary>
    public long Size { get; init; }

    /// <summary>The number of blobs.</summary>
    public int Count { get; init; } = 1;

    /// <summary>Bytes per second of each response. 0 for no limit.</summary>
    public long BytesPerSecond { get; init; }

    /// <summary>Milliseconds before the first byte of each data response.</summary>
    public int FirstByte { get; init; }

    /// <summary>Whether the server reads all data of a request into memory first.</summary>
    public bool Buffers { get; init; }

    /// <summary>Number of MiB after which the connection of each response is reset once. 0 for never.</summary>
    public int ResetEvery { get; init; }

    public override string ToString() => JsonSerializer.Serialize(this);

    public static ServerOptions Parse(string text) => JsonSerializer.Deserialize<ServerOptions>(text)!;

    public EmulatorOptions ToEmulator() => new()
    {
        KeepAlive = true,
        Generation = Buffers ? ServerGeneration.B : ServerGeneration.C,
        BytesPerSecond = BytesPerSecond > 0 ? BytesPerSecond : null,
        BufferDelay = TimeSpan.FromMilliseconds(FirstByte),
    };
}
