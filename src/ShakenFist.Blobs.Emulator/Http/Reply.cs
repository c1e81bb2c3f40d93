using System.Text;

namespace ShakenFist.Blobs.Emulator;

/// <summary>An answer before it is sent; faults are changes to it.</summary>
internal sealed record Reply(int Status, string ContentType, BlobContent Body)
{
    public const string Json = "application/json";
    public const string Html = "text/html; charset=utf-8";
    public const string Data = "text/plain; charset=utf-8";

    public IReadOnlyList<(string Name, string Value)> Headers { get; init; } = [];

    /// <summary>Sent in chunks without a Content-Length.</summary>
    public bool Streamed { get; init; }

    /// <summary>What Content-Length says; the body's length unless set.</summary>
    public long? AnnouncedLength { get; init; }

    /// <summary>How the answer ends.</summary>
    public Ending Ending { get; init; }

    /// <summary>How long a stall lasts before the connection is closed.</summary>
    public TimeSpan StallFor { get; init; } = Timeout.InfiniteTimeSpan;

    public long? BytesPerSecond { get; init; }

    public Origin Origin { get; init; }

    /// <summary>The connection is closed without an answer.</summary>
    public static Reply None { get; } = new(0, "", new MemoryContent(ReadOnlyMemory<byte>.Empty)) { Ending = Ending.Cut };

    public static Reply Text(int status, string contentType, string body) =>
        new(status, contentType, new MemoryContent(Encoding.UTF8.GetBytes(body)));

    /// <summary>An error of the API itself.</summary>
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

    /// <summary>An exception that Python's handlers turned into its text.</summary>
    public static Reply ServerError(string exception) => Error(500, "server error: " + exception);

    /// <summary>Shape 2: what fails outside the method.</summary>
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

/// <summary>Who speaks: gunicorn's and Apache's own errors know nothing of request ids.</summary>
internal enum Origin
{
    Application,
    Gunicorn,
    Apache,
}

internal enum Ending
{
    /// <summary>Properly.</summary>
    Proper,

    /// <summary>The connection is closed in mid-answer.</summary>
    Cut,

    /// <summary>The connection is reset in mid-answer.</summary>
    Reset,

    /// <summary>Silence until the client goes.</summary>
    Stall,
}
