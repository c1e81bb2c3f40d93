namespace ShakenFist.Blobs.Emulator;

/// <summary>What goes wrong.</summary>
public enum FaultKind
{
    /// <summary>Answers <see cref="Fault.Status"/>, Body, ContentType and Headers.</summary>
    Status,

    /// <summary>Closes the connection without a byte.</summary>
    CutBeforeHeaders,

    /// <summary>Closes the connection after AfterBytes bytes of the body; with <see cref="Fault.Reset"/>, resets it.</summary>
    CutAfter,

    /// <summary>Ends the body after AfterBytes bytes with right framing: a clean last chunk, or the shorter Content-Length.</summary>
    EndShort,

    /// <summary>Sends AfterBytes bytes of the body, then nothing until the client goes, or for Delay, and closes.</summary>
    Stall,

    /// <summary>Sends the body at BytesPerSecond.</summary>
    Slow,

    /// <summary>Flips a bit of the blob's byte AfterBytes; requests for other parts are not touched, nor counted.</summary>
    FlipBit,

    /// <summary>Serves zeros from the blob's byte AfterBytes on; requests that end before it are not touched, nor counted.</summary>
    Zeros,

    /// <summary>200 with Body as text/plain, as when another node's error is passed on as data.</summary>
    WrongBody,

    /// <summary>Status (302 unless set) to Location.</summary>
    Redirect,

    /// <summary>Serves to the end of the blob whatever the limit.</summary>
    IgnoreLimit,

    /// <summary>Serves the whole blob whatever offset and limit; with AfterBytes, closes the connection after so many bytes of it.</summary>
    IgnoreRange,

    /// <summary>Serves from AfterBytes further on than asked.</summary>
    WrongOffset,

    /// <summary>Adds AfterBytes bytes (1 unless set) to the end of the body.</summary>
    ExtraBytes,

    /// <summary>Announces a Content-Length of AfterBytes whatever the body's length.</summary>
    LyingLength,

    /// <summary>Compresses the body with gzip, unasked, or labels it with the encoding that Body names.</summary>
    ContentEncoding,

    /// <summary>Waits Delay, then answers as usual. Every other kind but Stall waits its Delay first, too.</summary>
    Delay,

    /// <summary>Answers as if the token had expired.</summary>
    ExpireToken,

    /// <summary>Cuts the body in the middle, or after AfterBytes bytes, with right framing.</summary>
    TruncateJson,

    /// <summary>200 with JSON's null.</summary>
    NullJson,
}

/// <summary>A fault, and the requests it befalls.</summary>
public sealed record Fault
{
    /// <summary>The method it befalls; * for any.</summary>
    public string Method { get; init; } = "GET";

    /// <summary>A glob on the path without the base path, such as <c>/blobs/*/data</c>; a star stands for any text, slashes too.</summary>
    public string Path { get; init; } = "*";

    /// <summary>How many matching requests pass first.</summary>
    public int Skip { get; init; }

    /// <summary>How many requests it befalls; <see cref="int.MaxValue"/> for all.</summary>
    public int Times { get; init; } = 1;

    public Func<RequestRecord, bool>? When { get; init; }

    public FaultKind Kind { get; init; }

    public long AfterBytes { get; init; }

    public TimeSpan Delay { get; init; }

    public int Status { get; init; }

    public string? Body { get; init; }

    public string? ContentType { get; init; }

    public Dictionary<string, string>? Headers { get; init; }

    public string? Location { get; init; }

    public long BytesPerSecond { get; init; }

    /// <summary>Cuts with a TCP reset, which may take bytes already sent with it, instead of an orderly end.</summary>
    public bool Reset { get; init; }
}
