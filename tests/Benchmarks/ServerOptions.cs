using System.Text.Json;
using ShakenFist.Blobs.Emulator;

namespace ShakenFist.Blobs.Benchmarks;

/// <summary>The cluster of a measurement, as it is told to the process that is it.</summary>
internal sealed record ServerOptions
{
    /// <summary>Blobs of data, records without data, or a disk of mostly zeros.</summary>
    public string Kind { get; init; } = "data";

    /// <summary>Bytes of each blob of data.</summary>
    public long Size { get; init; }

    /// <summary>Blobs.</summary>
    public int Count { get; init; } = 1;

    /// <summary>Bytes per second of each answer; 0 for as fast as it goes.</summary>
    public long BytesPerSecond { get; init; }

    /// <summary>Milliseconds before the first byte of each answer with data.</summary>
    public int FirstByte { get; init; }

    /// <summary>The server that reads a whole window into its memory first.</summary>
    public bool Buffers { get; init; }

    /// <summary>Mebibytes after which each answer's connection is reset once; 0 for never.</summary>
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
