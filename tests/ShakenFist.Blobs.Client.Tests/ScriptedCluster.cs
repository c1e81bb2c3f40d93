using System.Globalization;
using System.Net;
using System.Text;

namespace ShakenFist.Blobs.Client.Tests;

/// <summary>A cluster without a network. A function creates its responses, so that a test can run thousands of cases.</summary>
internal sealed class ScriptedCluster(Func<HttpRequestMessage, HttpResponseMessage> answer, Action? onDispose) : HttpMessageHandler
{
    private static readonly Uri Url = new("http://scripted.example.com");

    private static readonly SfTransportOptions Quick = Cluster.Quick with { RetryDelay = TimeSpan.Zero };

    /// <summary>Connects to a cluster that accepts any key. The function handles all requests except for the root page and /auth.</summary>
    public static Task<SfSession> ConnectAsync(Func<HttpRequestMessage, HttpResponseMessage> answer, SfTransportOptions? options = null, ISfLog? log = null,
        string capabilities = "blob-data-limit", Uri? url = null) =>
        ConnectAsync(
            request => request.RequestUri!.AbsolutePath switch
            {
                "/" => Text($"<ul><li>blobs: {capabilities}</ul>"),
                "/auth" => Text("""{"access_token": "t0k3n", "token_type": "Bearer", "expires_in": 900}"""),
                _ => answer(request),
            },
            options ?? Quick,
            log,
            url ?? Url,
            onDispose: null);

    /// <summary>Connects to a cluster whose function handles all requests.</summary>
    public static Task<SfSession> ConnectAsync(Func<HttpRequestMessage, HttpResponseMessage> answer, SfTransportOptions options, ISfLog? log) =>
        ConnectAsync(answer, options, log, Url, onDispose: null);

    /// <summary>Connects to any address, with a callback when the session disposes the handler.</summary>
    public static Task<SfSession> ConnectAsync(Func<HttpRequestMessage, HttpResponseMessage> answer, SfTransportOptions options, ISfLog? log, Uri url, Action? onDispose) => SfSession.ConnectAsync(
        new SfConnectionSettings(url, "banana", Cluster.Key, "the test"),
        options,
        sockets =>
        {
            sockets.Dispose();
            return new ScriptedCluster(answer, onDispose);
        },
        log ?? NullLog.Instance,
        Limit.Token);

    /// <summary>The offset and the limit of a data request.</summary>
    public static (int From, int? Limit) RangeOf(HttpRequestMessage request)
    {
        int[] numbers = [.. request.RequestUri!.Query.Split('&').Select(part => int.Parse(part.Split('=')[1], CultureInfo.InvariantCulture))];
        return (numbers[0], numbers.Length > 1 ? numbers[1] : null);
    }

    public static HttpResponseMessage Text(string body, int status = 200) => Bytes(Encoding.UTF8.GetBytes(body), status);

    public static HttpResponseMessage Bytes(byte[] body, int status = 200, string? type = null)
    {
        ByteArrayContent content = new(body);
        if (type is not null)
        {
            content.Headers.TryAddWithoutValidation("Content-Type", type);
        }

        return new HttpResponseMessage((HttpStatusCode)status) { Content = content };
    }

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(answer(request));
    }

    protected override void Dispose(bool disposing)
    {
        onDispose?.Invoke();
        base.Dispose(disposing);
    }
}
