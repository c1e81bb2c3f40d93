using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Reflection;

namespace ShakenFist.Blobs.Http;

/// <summary>Sends all requests: adds headers, writes log messages, and converts failures below HTTP.</summary>
internal sealed class ApiClient : IDisposable
{
    private const string RequestIdHeader = "X-Request-ID";

    // If Accept includes text/html, this server responds to an expired token with a redirect to an HTML page.
    private const string Accept = "application/json, */*;q=0.5";

    private static readonly string[] LoggableHeaders =
        ["Accept", "Content-Type", "Content-Length", "Content-Encoding", "Transfer-Encoding", "Connection", "Date", "Server", "User-Agent", "Retry-After", RequestIdHeader];

    private static readonly ProductInfoHeaderValue UserAgent = new("ShakenFist.Blobs",
        typeof(ApiClient).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0]);

    private readonly HttpClient _http;
    private readonly TimeSpan _attemptTimeout;
    private long _latencyTicks = long.MaxValue;
    private int _circuitTests;
    private volatile bool _closed;

    /// <param name="handler">The handler that sends the requests.</param>
    /// <param name="options">The transport options.</param>
    /// <param name="handlerHasLimit">Whether the handler limits the time of each attempt.</param>
    public ApiClient(HttpMessageHandler handler, SfTransportOptions options, bool handlerHasLimit)
    {
        Options = options;
        _attemptTimeout = handlerHasLimit ? Timeout.InfiniteTimeSpan : options.AttemptTimeout;
        _http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
    }

    public SfTransportOptions Options { get; }

    /// <summary>Gets the secrets that are sent and must not be shown.</summary>
    public Secrets Secrets { get; init; } = new();

    /// <summary>Gets the shortest time from a request to the head of its response, as an estimate of the round-trip time. Zero before the first response.</summary>
    public TimeSpan Latency => Interlocked.Read(ref _latencyTicks) is < long.MaxValue and var ticks ? TimeSpan.FromTicks(ticks) : TimeSpan.Zero;

    /// <summary>Sends a request and returns when the head of the response is received. Responses of any status are returned; only failures below HTTP throw.</summary>
    /// <exception cref="SfException">The cluster cannot be reached or does not respond.</exception>
    public async Task<ApiAnswer> SendAsync(ApiRequest request, string? token, ISfLog log, CancellationToken cancellationToken)
    {
        string requestId = Guid.NewGuid().ToString("D");
        using HttpRequestMessage message = Compose(request, token, requestId, log);
        log.Debug(DescribeHeaders("Request", message.Headers, message.Content?.Headers));
        long started = Options.TimeProvider.GetTimestamp();
        using CancellationTokenSource limit = new(_attemptTimeout, Options.TimeProvider);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            HttpResponseMessage response = await _http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, either.Token).ConfigureAwait(false);
            ApiAnswer answer = new(request, response, EchoedId(response) ?? requestId, Secrets);
            TimeSpan elapsed = Options.TimeProvider.GetElapsedTime(started);
            RecordLatency(elapsed.Ticks);
            log.Verbose(string.Create(CultureInfo.InvariantCulture,
                $"{request.Method} {request.Url.PathAndQuery} {answer.Status} in {(long)elapsed.TotalMilliseconds} ms, request id {answer.RequestId}"));
            log.Debug(DescribeHeaders("Response", response.Headers, response.Content.Headers));
            return answer;
        }
        catch (Exception e) when (_closed && !cancellationToken.IsCancellationRequested && e is ObjectDisposedException or OperationCanceledException or HttpRequestException or SocketException)
        {
            throw new SfException(SfErrors.SessionClosed, $"The session was disconnected before {request.Url.Host} responded (request id {requestId}).", e) { RequestId = requestId };
        }
        catch (Exception e) when (cancellationToken.IsCancellationRequested && e is HttpRequestException or IOException or SocketException)
        {
            // The connection was lost at the moment of the cancellation.
            throw new OperationCanceledException(e.Message, e, cancellationToken);
        }
        catch (Exception e) when (TransportErrors.Of(limit.IsCancellationRequested ? new TimeoutException(e.Message, e) : e, request, requestId, Secrets, cancellationToken) is { } failure)
        {
            log.Verbose(string.Create(CultureInfo.InvariantCulture,
                $"{request.Method} {request.Url.PathAndQuery} failed after {(long)Options.TimeProvider.GetElapsedTime(started).TotalMilliseconds} ms. {failure.Message}"));
            throw failure;
        }
    }

    /// <summary>Makes the next request test the circuit if it is open: that request is sent once instead of being refused.</summary>
    public void AllowCircuitTest() => Interlocked.Exchange(ref _circuitTests, 1);

    public void Dispose()
    {
        _closed = true;
        _http.Dispose();
    }

    private HttpRequestMessage Compose(ApiRequest request, string? token, string requestId, ISfLog log)
    {
        HttpRequestMessage message = new(request.Method, request.Url);
        message.Headers.TryAddWithoutValidation("Accept", Accept);
        message.Headers.TryAddWithoutValidation(RequestIdHeader, requestId);
        message.Headers.UserAgent.Add(UserAgent);
        if (token is not null)
        {
            message.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        if (request.CreateContent is { } createContent)
        {
            message.Content = createContent();
        }
        else if (!request.Body.IsEmpty)
        {
            message.Content = new ReadOnlyMemoryContent(request.Body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        }
        else if (!request.Repeatable)
        {
            // If a connection closes before the response, .NET sends a request without content up to three more times. A content of length 0 prevents that.
            message.Content = new ByteArrayContent([]);
        }

        message.Options.Set(RequestOption.Report, text => log.Verbose(Secrets.Show(text)));
        message.Options.Set(RequestOption.Repeatable, request.Repeatable);
        message.Options.Set(RequestOption.Probe, request.Probe);
        message.Options.Set(RequestOption.SingleAttempt, request.SingleAttempt);
        message.Options.Set(RequestOption.TakeCircuitTest, () => Interlocked.Exchange(ref _circuitTests, 0) > 0);
        return message;
    }

    private string? EchoedId(HttpResponseMessage response) =>
        response.Headers.TryGetValues(RequestIdHeader, out IEnumerable<string>? values) ? Secrets.Show(values.First(), 80) : null;

    private string DescribeHeaders(string what, params HttpHeaders?[] headers) =>
        $"{what} headers: " + string.Join("; ", headers
            .SelectMany(group => group?.NonValidated ?? default)
            .Where(header => LoggableHeaders.Contains(header.Key, StringComparer.OrdinalIgnoreCase))
            .Select(header => $"{header.Key}: {Secrets.Show(header.Value.ToString(), 100)}"));

    // If two responses arrive in parallel, the longer time can be stored until the next response.
    private void RecordLatency(long ticks) => Interlocked.Exchange(ref _latencyTicks, Math.Min(ticks, Interlocked.Read(ref _latencyTicks)));
}
