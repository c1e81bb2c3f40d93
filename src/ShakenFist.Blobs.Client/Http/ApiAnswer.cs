using System.Globalization;
using System.Net.Http.Headers;

namespace ShakenFist.Blobs.Http;

/// <summary>The head of a response, with access to its body.</summary>
internal sealed class ApiAnswer(ApiRequest request, HttpResponseMessage message, string requestId, Secrets secrets) : IDisposable
{
    public ApiRequest Request { get; } = request;

    public HttpResponseMessage Message { get; } = message;

    /// <summary>Gets the request ID in the cluster logs: the ID that the server returned, or the ID that was sent.</summary>
    public string RequestId { get; } = requestId;

    /// <summary>Gets the secrets that must be removed from quoted text.</summary>
    public Secrets Secrets { get; } = secrets;

    public int Status => (int)Message.StatusCode;

    public bool IsSuccess => Status == 200;

    public bool IsRedirect => Status is >= 300 and < 400;

    /// <summary>Gets whether the response is from the application, not from a front end.</summary>
    public bool FromApplication => Message.Headers.Contains("X-Request-ID");

    /// <summary>Gets the absolute target of a redirect, or null if there is no valid one.</summary>
    public Uri? Location => Message.Headers.Location is { } location && Uri.TryCreate(Request.Url, location, out Uri? absolute) ? absolute : null;

    /// <summary>Gets a content encoding that was not requested, or null. The encoded bytes would not be those of the blob.</summary>
    // Read without validation, because .NET omits values that are not tokens.
    public string? ContentEncoding => Message.Content.Headers.NonValidated.TryGetValues("Content-Encoding", out HeaderStringValues values)
        ? values.SelectMany(value => value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            .FirstOrDefault(encoding => !encoding.Equals("identity", StringComparison.OrdinalIgnoreCase))
        : null;

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Request.Method} {Request.Url.PathAndQuery}: {Status}, request id {RequestId}");

    public void Dispose() => Message.Dispose();
}
