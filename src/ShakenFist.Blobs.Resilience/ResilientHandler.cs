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
/// Adds retry, a circuit breaker, and an attempt timeout to the connections of a session. They apply until the response headers are received. The client handles
/// failures of the body. The public methods only use types of .NET.
/// </summary>
public static class ResilientHandler
{
    private const string RequestKey = "request";
    private const string PolicyKey = "policy";
    private const int Retries = 4;
    private const int FailuresBeforeBreak = 10;
    private static readonly TimeSpan BreakDuration = TimeSpan.FromSeconds(5);

    /// <summary>Creates the handler of a session.</summary>
    /// <param name="sockets">The handler that sends the requests. It is disposed with the result.</param>
    /// <param name="attemptTimeout">Time limit of one attempt, until the response headers are received.</param>
    /// <param name="retryDelay">First delay before a retry. It doubles with each retry, with jitter.</param>
    /// <param name="breakDuration">How long the circuit stays open. Null for 5 seconds.</param>
    public static HttpMessageHandler Create(HttpMessageHandler sockets, TimeSpan attemptTimeout, TimeSpan retryDelay, TimeSpan? breakDuration = null) =>
        new Circuit(attemptTimeout, retryDelay, breakDuration ?? BreakDuration)
        {
            InnerHandler = new PolicyHttpMessageHandler(request => (IAsyncPolicy<HttpResponseMessage>)request.GetPolicyExecutionContext()![PolicyKey])
            {
                InnerHandler = sockets,
            },
        };

    private static bool IsSet(HttpRequestMessage request, HttpRequestOptionsKey<bool> option) => request.Options.TryGetValue(option, out bool value) && value;

    private static PolicyBuilder<HttpResponseMessage> AnyTemporaryFailure => Policy<HttpResponseMessage>
        .Handle<Exception>(e => ConnectFailure.Is(e) || e is HttpRequestException or TimeoutRejectedException)
        .OrResult(IsTransient);

    private static PolicyBuilder<HttpResponseMessage> NotSent => Policy<HttpResponseMessage>.Handle<Exception>(ConnectFailure.Is);

    private static AsyncRetryPolicy<HttpResponseMessage> Retry(PolicyBuilder<HttpResponseMessage> failures, int retries, TimeSpan firstDelay) => failures
        .WaitAndRetryAsync(
            retries,
            (attempt, outcome, _) => Delay(attempt, firstDelay, outcome.Result),
            (outcome, delay, attempt, context) =>
            {
                Report(outcome, delay, attempt, retries, context);
                outcome.Result?.Dispose();
                return Task.CompletedTask;
            });

    // Only counts requests that did not reach the host. A 500 response or a truncated body affects one blob and must not stop requests for others.
    private static AsyncCircuitBreakerPolicy<HttpResponseMessage> Breaker(TimeSpan breakDuration) => Policy<HttpResponseMessage>
        .Handle<Exception>(ConnectFailure.Is)
        .OrResult(IsUnavailable)
        .CircuitBreakerAsync(FailuresBeforeBreak, breakDuration);

    /// <summary>Whether the response is from a front end that could not reach the cluster.</summary>
    private static bool IsUnavailable(HttpResponseMessage answer) =>
        answer.StatusCode is HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout && !answer.Headers.Contains("X-Request-ID");

    private static bool IsTransient(HttpResponseMessage answer) => (int)answer.StatusCode switch
    {
        406 or 408 or 429 => true,
        501 or 505 => false,

        // Out of resources. Only temporary if the server specifies when to retry.
        507 => answer.Headers.RetryAfter is not null,
        >= 500 => true,
        _ => false,
    };

    private static TimeSpan Delay(int attempt, TimeSpan firstDelay, HttpResponseMessage? answer)
    {
#pragma warning disable CA5394 // The jitter does not have to be secure.
        return Backoff.Asked(answer?.Headers.RetryAfter, DateTimeOffset.UtcNow) ?? Backoff.Pause(firstDelay, attempt) * (0.75 + (Random.Shared.NextDouble() / 2));
#pragma warning restore CA5394
    }

    private static void Report(DelegateResult<HttpResponseMessage> outcome, TimeSpan delay, int attempt, int retries, Context context)
    {
        HttpRequestMessage request = (HttpRequestMessage)context[RequestKey];
        if (request.Options.TryGetValue(RequestOption.Report, out Action<string>? report))
        {
            report(string.Create(CultureInfo.InvariantCulture,
                $"{request.Method} {request.RequestUri?.PathAndQuery} failed: {Describe(outcome.Exception, outcome.Result).TrimEnd('.')}. Retry {attempt} of {retries} in {delay.TotalMilliseconds:0} ms."));
        }
    }

    private static string Describe(Exception? exception, HttpResponseMessage? answer) => answer is not null
        ? string.Create(CultureInfo.InvariantCulture, $"status {(int)answer.StatusCode}")
        : exception?.GetBaseException().Message ?? "unknown";

    /// <summary>
    /// Chooses the policy of each request. The first request of a command tests the circuit if it is not closed. The types of Polly exist only in the load context of
    /// this assembly, so its exceptions are converted to exceptions of .NET.
    /// </summary>
    private sealed class Circuit : DelegatingHandler
    {
        private readonly object _gate = new();
        private readonly AsyncCircuitBreakerPolicy<HttpResponseMessage> _breaker;
        private readonly IAsyncPolicy<HttpResponseMessage> _single;
        private readonly IAsyncPolicy<HttpResponseMessage> _once;
        private readonly IAsyncPolicy<HttpResponseMessage> _untilSent;
        private readonly IAsyncPolicy<HttpResponseMessage> _probing;
        private readonly IAsyncPolicy<HttpResponseMessage> _repeating;
        private TaskCompletionSource? _runningTest;

        public Circuit(TimeSpan attemptTimeout, TimeSpan retryDelay, TimeSpan breakDuration)
        {
            _breaker = Breaker(breakDuration);
            _single = Policy.TimeoutAsync<HttpResponseMessage>(attemptTimeout);
            _once = _breaker.WrapAsync(_single);
            _untilSent = Retry(NotSent, Retries, retryDelay).WrapAsync(_once);
            _probing = Retry(AnyTemporaryFailure, 1, retryDelay).WrapAsync(_once);
            _repeating = Retry(AnyTemporaryFailure, Retries, retryDelay).WrapAsync(_once);
        }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (IsSet(request, RequestOption.SingleAttempt))
            {
                return await SendAsync(request, _single, cancellationToken).ConfigureAwait(false);
            }

            if (!await BeginTestAsync(request, cancellationToken).ConfigureAwait(false))
            {
                IAsyncPolicy<HttpResponseMessage> policy = !IsSet(request, RequestOption.Repeatable) ? _untilSent : IsSet(request, RequestOption.Probe) ? _probing : _repeating;
                return await SendAsync(request, policy, cancellationToken).ConfigureAwait(false);
            }

            try
            {
                // An open circuit would reject the request. In a half-open circuit, this request is the test that the breaker expects.
                HttpResponseMessage answer = await SendAsync(request, _breaker.CircuitState == CircuitState.Open ? _single : _once, cancellationToken).ConfigureAwait(false);
                if (!IsUnavailable(answer))
                {
                    _breaker.Reset();
                }

                return answer;
            }
            finally
            {
                EndTest();
            }
        }

        /// <summary>Whether this request is the test. Other requests wait until a running test has ended, because its result decides whether they are sent.</summary>
        private async Task<bool> BeginTestAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Task running;
            lock (_gate)
            {
                bool isFirst = request.Options.TryGetValue(RequestOption.TakeCircuitTest, out Func<bool>? take) && take();
                if (_breaker.CircuitState == CircuitState.Closed)
                {
                    return false;
                }

                if (isFirst && _runningTest is null)
                {
                    _runningTest = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                    return true;
                }

                running = _runningTest?.Task ?? Task.CompletedTask;
            }

            await running.WaitAsync(cancellationToken).ConfigureAwait(false);
            return false;
        }

        private void EndTest()
        {
            lock (_gate)
            {
                _runningTest!.SetResult();
                _runningTest = null;
            }
        }

        private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, IAsyncPolicy<HttpResponseMessage> policy, CancellationToken cancellationToken)
        {
            request.SetPolicyExecutionContext(new Context { [RequestKey] = request, [PolicyKey] = policy });
            try
            {
                return await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
            }
            catch (BrokenCircuitException e)
            {
                string lastFailure = Describe(e.InnerException, (e as BrokenCircuitException<HttpResponseMessage>)?.Result);
                throw new HttpRequestException(lastFailure, e.InnerException) { Data = { [RequestOption.CircuitOpen] = true } };
            }
            catch (TimeoutRejectedException e)
            {
                throw new TimeoutException(e.Message);
            }
        }
    }
}
