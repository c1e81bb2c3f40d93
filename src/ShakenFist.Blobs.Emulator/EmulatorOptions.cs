using System.Security.Cryptography.X509Certificates;

namespace ShakenFist.Blobs.Emulator;

/// <summary>The versions of the server that are in use.</summary>
public enum ServerGeneration
{
    /// <summary>Released versions v0.7.x: streamed data, no <c>limit</c>, searches by SHA-512 only.</summary>
    A,

    /// <summary>Development version of October 2024: the server reads the data into memory first, so responses have a Content-Length header.</summary>
    B,

    /// <summary>Development versions of 2025-26: streamed data, checksums of four algorithms, references.</summary>
    C,

    /// <summary>Development version from September 2026: C with validation of all input.</summary>
    D,
}

/// <summary>The behavior of the emulated cluster.</summary>
public sealed record EmulatorOptions
{
    public ServerGeneration Generation { get; init; } = ServerGeneration.C;

    /// <summary>The port on the loopback address. With 0, the system selects a free port.</summary>
    public int Port { get; init; }

    /// <summary>A prefix such as <c>/api</c>. With a prefix, responses are like those of the Apache front end of a real deployment.</summary>
    public string BasePath { get; init; } = "";

    public TimeSpan TokenLifetime { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>The clock for tokens and keys. Delays, time limits, and rates of responses use real time.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Whether connections stay open. If false, the connection is closed after each response, like that of gunicorn's sync workers.</summary>
    public bool KeepAlive { get; init; }

    /// <summary>The time limit of a request, after which the connection is closed. The limit of the real server is 30 s. Null for no limit.</summary>
    public TimeSpan? RequestBudget { get; init; }

    /// <summary>Delay before the first byte of a data response. Generation B needs this time to read the data into memory.</summary>
    public TimeSpan BufferDelay { get; init; }

    /// <summary>Whether data is streamed. Null for the behavior of the generation: only B sends a Content-Length header.</summary>
    public bool? StreamData { get; init; }

    /// <summary>The name of the node that receives the requests. It forwards requests for blobs at other locations.</summary>
    public string NodeName { get; init; } = "sf-1";

    /// <summary>The zone, which is the issuer of the tokens.</summary>
    public string Zone { get; init; } = "shakenfist";

    /// <summary>A directory. Each of its files becomes a blob.</summary>
    public string? DataDirectory { get; init; }

    /// <summary>The certificate. If it is set, the emulator uses https.</summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>Whether the root page is that of very old servers: one line of text without a list of capabilities.</summary>
    public bool TextOnlyRoot { get; init; }

    /// <summary>How long a publish request computes the hash of an upload.</summary>
    public TimeSpan HashDelay { get; init; }

    /// <summary>Delay of an authentication. On the real server, bcrypt takes about 0.3 s for each key.</summary>
    public TimeSpan AuthDelay { get; init; }

    /// <summary>Maximum rate of each response body.</summary>
    public long? BytesPerSecond { get; init; }

    /// <summary>How often a metadata request that waits for the lock of the blob retries.</summary>
    public TimeSpan LockPollInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a metadata request waits for the lock of the blob before it fails with status 500.</summary>
    public TimeSpan LockTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a metadata request holds the lock of the blob.</summary>
    public TimeSpan LockHold { get; init; }

    internal bool Streams => StreamData ?? Generation != ServerGeneration.B;

    /// <summary>The normalized base path: empty, or with a leading slash and without a trailing slash.</summary>
    internal string Prefix => BasePath.Trim('/') is { Length: > 0 } inner ? "/" + inner : "";
}
