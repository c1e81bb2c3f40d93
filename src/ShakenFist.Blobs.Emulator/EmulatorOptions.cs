using System.Security.Cryptography.X509Certificates;

namespace ShakenFist.Blobs.Emulator;

/// <summary>The generations of the server a client meets in the field.</summary>
public enum ServerGeneration
{
    /// <summary>Released v0.7.x: streamed data, no <c>limit</c>, sha512 search only.</summary>
    A,

    /// <summary>Development of October 2024: the data is read into memory first, so it has a Content-Length.</summary>
    B,

    /// <summary>Development of 2025-26: streamed data, checksums of four algorithms, references.</summary>
    C,
}

/// <summary>How the emulated cluster behaves.</summary>
public sealed record EmulatorOptions
{
    public ServerGeneration Generation { get; init; } = ServerGeneration.C;

    /// <summary>The port on loopback; 0 takes a free one.</summary>
    public int Port { get; init; }

    /// <summary>A prefix such as <c>/api</c>; with one, the answers are those of the Apache front end the deployer sets up.</summary>
    public string BasePath { get; init; } = "";

    public TimeSpan TokenLifetime { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>The clock of tokens and keys. What happens on the wire (delays, budgets, rates) takes real time.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>False closes the connection after each answer, as gunicorn's sync workers do.</summary>
    public bool KeepAlive { get; init; }

    /// <summary>What a request may take in all before its connection is cut; the real server allows 30 s. Null: any time.</summary>
    public TimeSpan? RequestBudget { get; init; }

    /// <summary>Time before the first byte of a data answer, as generation B spends on reading the whole window.</summary>
    public TimeSpan BufferDelay { get; init; }

    /// <summary>Null follows the generation: only B answers data with a Content-Length.</summary>
    public bool? StreamData { get; init; }

    /// <summary>The node that is asked; blobs located elsewhere are proxied.</summary>
    public string NodeName { get; init; } = "sf-1";

    /// <summary>The zone, which is the issuer of the tokens.</summary>
    public string Zone { get; init; } = "shakenfist";

    /// <summary>A directory of which each file becomes a blob.</summary>
    public string? DataDirectory { get; init; }

    /// <summary>With a certificate the emulator speaks https.</summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>The root page of very old servers: a line of text without a list of capabilities.</summary>
    public bool TextOnlyRoot { get; init; }

    /// <summary>How long a login takes; bcrypt takes the real server about 0.3 s for each key.</summary>
    public TimeSpan AuthDelay { get; init; }

    /// <summary>A cap on the rate of each answer's body.</summary>
    public long? BytesPerSecond { get; init; }

    /// <summary>How often a writer of metadata that had to wait asks for the blob's lock again.</summary>
    public TimeSpan LockPollInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a writer of metadata waits for the blob's lock before it gets a 500.</summary>
    public TimeSpan LockTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a writer of metadata holds the blob's lock.</summary>
    public TimeSpan LockHold { get; init; }

    internal bool Streams => StreamData ?? Generation != ServerGeneration.B;

    /// <summary>The base path in one form: empty, or with a leading and no trailing slash.</summary>
    internal string Prefix => BasePath.Trim('/') is { Length: > 0 } inner ? "/" + inner : "";
}
