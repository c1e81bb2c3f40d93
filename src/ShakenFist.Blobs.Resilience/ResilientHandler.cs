using System.Globalization;
using System.Net;
using Microsoft.Extensions.Http;
using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;
using Polly.Timeout;
using ShakenFist.Blobs.Http;

namespace ShakenFist.Blobs.Resilience;

/// <summary>
/// Puts retry, circuit breaker and attempt timeout around a session's sockets, up to the head of the answer; what happens to the body is the client's.
/// Only .NET's own types pass in and out.
/// </summary>
public static class ResilientHandler
{
    private const string RequestKey = "request";
    private const int Retries = 4;
    private const int FailuresBeforeBreak = 10;
    private static readonly TimeSpan BreakDuration = TimeSpan.FromSeconds(5);

    /// <summary>Makes the handler of one session.</summary>
    /// <param name="sockets">What sends the requests; disposed with the result.</param>
    /// <param name="attemptTimeout">Time for one attempt, up to the head of the answer.</param>
    /// <param name="retryDelay">First pause before another attempt; it doubles each time, with jitter.</param>
    public static HttpMessageHandler Create(HttpMessageHandler sockets, TimeSpan attemptTimeout, TimeSpan retryDelay)
    {
        IAsyncPolicy<HttpResponseMessage> once = Breaker().WrapAsync(Policy.TimeoutAsync<HttpResponseMessage>(attemptTimeout));
        IAsyncPolicy<HttpResponseMessage> probing = Retry(1, retryDelay).WrapAsync(once);
        IAsyncPolicy<HttpResponseMessage> repeating = Retry(Retries, retryDelay).WrapAsync(once);
        return new PlainExceptions
        {
            InnerHandler = new PolicyHttpMessageHandler(request => !MayRepeat(request) ? once : IsSet(request, RequestOption.Probe) ? probing : repeating)
            {
                InnerHandler = sockets,
            },
        };
    }

    private static bool MayRepeat(HttpRequestMessage request) =>
        request.Method == HttpMethod.Get || request.Method == HttpMethod.Head || request.Method == HttpMethod.Put || request.Method == HttpMethod.Delete
        || IsSet(request, RequestOption.Repeatable);

    private static bool IsSet(HttpRequestMessage request, HttpRequestOptionsKey<bool> option) => request.Options.TryGetValue(option, out bool value) && value;

    private static AsyncRetryPolicy<HttpResponseMessage> Retry(int retries, TimeSpan firstDelay) => Policy<HttpResponseMessage>
        .Handle<Exception>(e => IsUnreached(e) || e is HttpRequestException or TimeoutRejectedException)
        .OrResult(IsTransient)
        .WaitAndRetryAsync(
            retries,
            (attempt, outcome, _) => Delay(attempt, firstDelay, outcome.Result),
            (outcome, delay, attempt, context) =>
            {
                Report(outcome, delay, attempt, retries, context);
                outcome.Result?.Dispose();
                return Task.CompletedTask;
            });

    // Counts only that the host was not reached. A 500 or a short body is one blob's misfortune and must not stop the others.
    private static AsyncCircuitBreakerPolicy<HttpResponseMessage> Breaker() => Policy<HttpResponseMessage>
        .Handle<Exception>(IsUnreached)
        .OrResult(answer => answer.StatusCode is HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout
            && !answer.Headers.Contains("X-Request-ID"))
        .CircuitBreakerAsync(FailuresBeforeBreak, BreakDuration);

    private static bool IsUnreached(Exception e) => e switch
    {
        HttpRequestException request => request.HttpRequestError is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError
            or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError,

        // How the sockets report their connect timeout.
        OperationCanceledException canceled => canceled.InnerException is TimeoutException,
        _ => false,
    };

    private static bool IsTransient(HttpResponseMessage answer) => (int)answer.StatusCode switch
    {
        406 or 408 or 429 => true,
        501 or 505 => false,

        // Out of resources, which passes only if the server says when.
        507 => answer.Headers.RetryAfter is not null,
        >= 500 => true,
        _ => false,
    };

    private static TimeSpan Delay(int attempt, TimeSpan firstDelay, HttpResponseMessage? answer)
    {
#pragma warning disable CA5394 // Jitter keeps no secret.
        return Backoff.Asked(answer?.Headers.RetryAfter, DateTimeOffset.UtcNow) ?? Backoff.Pause(firstDelay, attempt) * (0.75 + (Random.Shared.NextDouble() / 2));
#pragma warning restore CA5394
    }

    /// <summary>Whether the cluster, or the front end before it, has more to do than it can.</summary>
    private static bool IsPushback(DelegateResult<HttpResponseMessage> outcome) => outcome.Exception is TimeoutRejectedException
        || outcome.Result?.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout or HttpStatusCode.InsufficientStorage;

    private static void Report(DelegateResult<HttpResponseMessage> outcome, TimeSpan delay, int attempt, int retries, Context context)
    {
        HttpRequestMessage request = (HttpRequestMessage)context[RequestKey];
        if (IsPushback(outcome) && request.Options.TryGetValue(RequestOption.PushedBack, out Action? pushedBack))
        {
            pushedBack?.Invoke();
        }

        if (request.Options.TryGetValue(RequestOption.Report, out Action<string>? report))
        {
            string what = outcome.Result is { } answer
                ? string.Create(CultureInfo.InvariantCulture, $"status {(int)answer.StatusCode}")
                : outcome.Exception.GetBaseException().Message;
            report(string.Create(CultureInfo.InvariantCulture,
                $"{request.Method} {request.RequestUri?.PathAndQuery}: {what}; retry {attempt} of {retries} in {delay.TotalMilliseconds:0} ms"));
        }
    }

    /// <summary>Polly's exceptions are strangers outside this room: they leave it as .NET's own.</summary>
    private sealed class PlainExceptions : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.SetPolicyExecutionContext(new Context { [RequestKey] = request });
            try
            {
                return await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
            }
            catch (BrokenCircuitException e)
            {
                throw new HttpRequestException(e.Message, e.InnerException) { Data = { [RequestOption.CircuitOpen] = true } };
            }
            catch (TimeoutRejectedException e)
            {
                throw new TimeoutException(e.Message);
            }
        }
    }
}
