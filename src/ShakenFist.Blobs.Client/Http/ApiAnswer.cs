using System.Globalization;
using System.Net.Http.Headers;

namespace ShakenFist.Blobs.Http;

/// <summary>The head of an answer and the way to its body.</summary>
internal sealed class ApiAnswer(ApiRequest request, HttpResponseMessage message, string requestId, Secrets secrets) : IDisposable
{
    public ApiRequest Request { get; } = request;

    public HttpResponseMessage Message { get; } = message;

    /// <summary>The id under which the cluster's logs know the request: the server's echo, or what was sent where there is none.</summary>
    public string RequestId { get; } = requestId;

    /// <summary>What must be taken out of whatever is repeated of the answer.</summary>
    public Secrets Secrets { get; } = secrets;

    public int Status => (int)Message.StatusCode;

    public bool IsSuccess => Status == 200;

    public bool IsRedirect => Status is >= 300 and < 400;

    /// <summary>The server's own mark that the application answered, not a front end before it.</summary>
    public bool FromApplication => Message.Headers.Contains("X-Request-ID");

    /// <summary>Where a redirect points, made absolute, or null if it points nowhere.</summary>
    public Uri? Location => Message.Headers.Location is { } location && Uri.TryCreate(Request.Url, location, out Uri? absolute) ? absolute : null;

    /// <summary>An encoding that nobody asked for, or null: its bytes would not be the blob's.</summary>
    // As it was sent: .NET's own list leaves out what is no word.
    public string? ContentEncoding => Message.Content.Headers.NonValidated.TryGetValues("Content-Encoding", out HeaderStringValues values)
        ? values.SelectMany(value => value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            .FirstOrDefault(encoding => !encoding.Equals("identity", StringComparison.OrdinalIgnoreCase))
        : null;

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Request.Method} {Request.Url.PathAndQuery}: {Status}, request id {RequestId}");

    public void Dispose() => Message.Dispose();
}
