namespace ShakenFist.Blobs.Emulator;

/// <summary>The kind of a fault.</summary>
public enum FaultKind
{
    /// <summary>Responds with <see cref="Fault.Status"/>, Body, ContentType, and Headers.</summary>
    Status,

    /// <summary>Closes the connection without sending any data.</summary>
    CutBeforeHeaders,

    /// <summary>Closes the connection after AfterBytes bytes of the body. With <see cref="Fault.Reset"/>, resets it.</summary>
    CutAfter,

    /// <summary>Ends the body correctly after AfterBytes bytes: with a final chunk, or with a shorter Content-Length.</summary>
    EndShort,

    /// <summary>Sends AfterBytes bytes of the body and then nothing. Closes the connection after Delay, or when the client disconnects.</summary>
    Stall,

    /// <summary>Sends the body at BytesPerSecond.</summary>
    Slow,

    /// <summary>
    /// Inverts a bit of byte AfterBytes of the blob. Requests for other ranges are not changed and do not count. In an append request, inverts a bit of that byte of the
    /// body.
    /// </summary>
    FlipBit,

    /// <summary>Returns zeros from byte AfterBytes of the blob. Requests that end before it are not changed and do not count.</summary>
    Zeros,

    /// <summary>Responds with status 200 and Body as text/plain, like an error of another node that is forwarded as data.</summary>
    WrongBody,

    /// <summary>Redirects to Location, with status 302 by default.</summary>
    Redirect,

    /// <summary>Ignores the limit and sends all remaining data of the blob.</summary>
    IgnoreLimit,

    /// <summary>Ignores offset and limit and sends the whole blob. With AfterBytes, closes the connection after this number of bytes.</summary>
    IgnoreRange,

    /// <summary>Sends data from an offset that is AfterBytes higher than requested.</summary>
    WrongOffset,

    /// <summary>Appends AfterBytes bytes to the body. The default is 1.</summary>
    ExtraBytes,

    /// <summary>Announces a Content-Length of AfterBytes, regardless of the length of the body.</summary>
    LyingLength,

    /// <summary>Compresses the body with gzip although it was not requested, or labels it with the encoding in Body.</summary>
    ContentEncoding,

    /// <summary>Waits for Delay, then responds as usual. All other kinds except Stall also wait for their Delay first.</summary>
    Delay,

    /// <summary>Responds as if the token had expired.</summary>
    ExpireToken,

    /// <summary>Ends the body correctly in the middle, or after AfterBytes bytes.</summary>
    TruncateJson,

    /// <summary>Responds with status 200 and the JSON value null.</summary>
    NullJson,

    /// <summary>Processes only AfterBytes bytes of the request body, as if the connection had broken there. Closes the connection without a response.</summary>
    CutRequest,

    /// <summary>Processes the request, and then closes the connection without a response.</summary>
    LoseAnswer,

    /// <summary>Processes the request, and then responds with <see cref="Fault.Status"/> (200 by default) and Body.</summary>
    ReplaceAnswer,

    /// <summary>Processes the request twice, and sends the second response.</summary>
    Repeat,

    /// <summary>Closes the connection without a response, and processes the request after Delay. With AfterBytes, only that many bytes of its body.</summary>
    Late,

    /// <summary>Removes the upload before the request is processed.</summary>
    ForgetUpload,

    /// <summary>Computes the hash of a published upload for Delay.</summary>
    SlowHash,
}

/// <summary>A fault, and the requests to which it applies.</summary>
public sealed record Fault
{
    /// <summary>The method of the requests. * for any.</summary>
    public string Method { get; init; } = "GET";

    /// <summary>A pattern for the path without the base path, such as <c>/blobs/*/data</c>. A star matches any text, including slashes.</summary>
    public string Path { get; init; } = "*";

    /// <summary>The number of matching requests before the fault applies.</summary>
    public int Skip { get; init; }

    /// <summary>The number of requests to which the fault applies. <see cref="int.MaxValue"/> for all.</summary>
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

    /// <summary>Whether the connection is closed with a TCP reset, which can discard bytes that were already sent.</summary>
    public bool Reset { get; init; }
}
