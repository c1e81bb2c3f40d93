using System.Globalization;
using System.Net;
using System.Text;

namespace ShakenFist.Blobs.Client.Tests;

/// <summary>A cluster without a network, whose answers a function makes: for what is to be tried a thousand times.</summary>
internal sealed class ScriptedCluster(Func<HttpRequestMessage, HttpResponseMessage> answer, Action? onDispose) : HttpMessageHandler
{
    private static readonly Uri Url = new("http://scripted.example.com");

    private static readonly SfTransportOptions Quick = Cluster.Quick with { RetryDelay = TimeSpan.Zero };

    /// <summary>A session to a cluster that lets anyone in; the function answers what is neither the root page nor /auth.</summary>
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

    /// <summary>A session to a cluster of which the function answers everything.</summary>
    public static Task<SfSession> ConnectAsync(Func<HttpRequestMessage, HttpResponseMessage> answer, SfTransportOptions options, ISfLog? log) =>
        ConnectAsync(answer, options, log, Url, onDispose: null);

    /// <summary>The same at any address, and told when the session has let go of what sends its requests.</summary>
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

    /// <summary>What a data request asks for: from where on, and how much, if it says.</summary>
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
