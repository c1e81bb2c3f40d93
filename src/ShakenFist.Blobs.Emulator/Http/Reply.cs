using System.Text;

namespace ShakenFist.Blobs.Emulator;

/// <summary>A response before it is sent. Faults change it.</summary>
internal sealed record Reply(int Status, string ContentType, BlobContent Body)
{
    public const string Json = "application/json";
    public const string Html = "text/html; charset=utf-8";
    public const string Data = "text/plain; charset=utf-8";

    public IReadOnlyList<(string Name, string Value)> Headers { get; init; } = [];

    /// <summary>Whether the body is sent in chunks, without a Content-Length header.</summary>
    public bool Streamed { get; init; }

    /// <summary>The value of the Content-Length header. Null for the length of the body.</summary>
    public long? AnnouncedLength { get; init; }

    /// <summary>How the response ends.</summary>
    public Ending Ending { get; init; }

    /// <summary>How long a stall lasts before the connection is closed.</summary>
    public TimeSpan StallFor { get; init; } = Timeout.InfiniteTimeSpan;

    public long? BytesPerSecond { get; init; }

    public Origin Origin { get; init; }

    /// <summary>Closes the connection without a response.</summary>
    public static Reply None { get; } = new(0, "", new MemoryContent(ReadOnlyMemory<byte>.Empty)) { Ending = Ending.Cut };

    public static Reply Text(int status, string contentType, string body) =>
        new(status, contentType, new MemoryContent(Encoding.UTF8.GetBytes(body)));

    /// <summary>Creates an error of the API.</summary>
    public static Reply Error(int status, string message)
    {
        var body = new SegmentedContent();
        var json = new PythonJsonWriter(body);
        json.OpenObject();
        json.Name("error");
        json.Value(message);
        json.Name("status");
        json.Value(status);
        json.CloseObject();
        return new Reply(status, Json, body);
    }

    /// <summary>Creates the error for a Python exception, with its text.</summary>
    public static Reply ServerError(string exception) => Error(500, "server error: " + exception);

    /// <summary>Creates an error that occurs outside the Python method. It has the member <c>message</c> instead of <c>error</c>.</summary>
    public static Reply Message(int status, string message) => Text(status, Json, $"{{\"message\": \"{message}\"}}\n");

    public static Reply InternalError() => Message(500, "Internal Server Error");

    public static Reply NullJson() => Text(200, Json, "null\n");

    public static Reply NotFoundPage() => Text(
        404,
        Html,
        """
        <!doctype html>
        <html lang=en>
        <title>404 Not Found</title>
        <h1>Not Found</h1>
        <p>The requested URL was not found on the server. If you entered the URL manually please check your spelling and try again.</p>

        """);

    public static Reply Redirect(int status, string location)
    {
        string escaped = System.Net.WebUtility.HtmlEncode(location);
        return Text(
            status,
            Html,
            $"""
            <!doctype html>
            <html lang=en>
            <title>Redirecting...</title>
            <h1>Redirecting...</h1>
            <p>You should be redirected automatically to the target URL: <a href="{escaped}">{escaped}</a>. If not, click the link.

            """) with
        { Headers = [("Location", location)] };
    }
}

/// <summary>The sender of a response. Errors of gunicorn and Apache do not contain a request ID.</summary>
internal enum Origin
{
    Application,
    Gunicorn,
    Apache,
}

internal enum Ending
{
    /// <summary>The response is complete.</summary>
    Proper,

    /// <summary>The connection is closed in the middle of the response.</summary>
    Cut,

    /// <summary>The connection is reset in the middle of the response.</summary>
    Reset,

    /// <summary>No more data is sent until the client disconnects.</summary>
    Stall,
}
