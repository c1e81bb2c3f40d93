using System.Security.Authentication;

namespace ShakenFist.Blobs.Http;

/// <summary>Turns a failure below HTTP into its row of the error table.</summary>
internal static class TransportErrors
{
    /// <summary>The failure as the user sees it, or null if the exception is a cancellation or not of the network.</summary>
    public static SfException? Of(Exception exception, ApiRequest request, string requestId, Secrets secrets, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return null;
        }

        string host = request.Url.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped);
        if (exception.Data.Contains(RequestOption.CircuitOpen))
        {
            // Nothing was sent, so there is no request id to look for.
            string lastFailure = secrets.Show(exception.Message).TrimEnd('.');
            return new SfException(SfErrors.ClusterUnreachable, $"{host} did not respond after several attempts. Last failure: {lastFailure}.",
                exception.InnerException is { } last ? secrets.IfFit(last) : null);
        }

        (SfError Error, string Message)? found = exception switch
        {
            TimeoutException => (SfErrors.RequestTimeout, $"{host} did not answer in time."),

            // Without a caller's cancellation only the connect timeout is left to have done this.
            OperationCanceledException => (SfErrors.ConnectionFailed, $"{host} could not be reached in time."),
            HttpRequestException e => OfRequest(e, host, secrets),
            IOException e => (SfErrors.ConnectionFailed, $"The connection to {host} broke: {secrets.Show(e.Message)}"),
            _ => null,
        };
        return found is { } f
            ? new SfException(f.Error, $"{f.Message} (request id {requestId})", secrets.IfFit(exception)) { RequestId = requestId }
            : null;
    }

    private static (SfError Error, string Message) OfRequest(HttpRequestException e, string host, Secrets secrets) => e.HttpRequestError switch
    {
        HttpRequestError.NameResolutionError => (SfErrors.HostNotFound, $"The host of {host} is not known: {Innermost(e, secrets)}"),

        // Only a failed authentication is about trust. A handshake that an outage cuts is a broken connection.
        HttpRequestError.SecureConnectionError when e.InnerException is IOException =>
            (SfErrors.ConnectionFailed, $"The connection to {host} broke during the TLS handshake: {Innermost(e, secrets)}"),
        HttpRequestError.SecureConnectionError => (SfErrors.TlsFailed, $"No trusted connection to {host}: {Innermost(e, secrets)}"),
        HttpRequestError.ProxyTunnelError => (SfErrors.ProxyFailed, $"The proxy did not connect to {host}: {Innermost(e, secrets)}"),
        HttpRequestError.InvalidResponse or HttpRequestError.ConfigurationLimitExceeded =>
            (SfErrors.UnexpectedContent, $"{host} did not answer as an HTTP server does: {Innermost(e, secrets)}"),
        HttpRequestError.ResponseEnded => (SfErrors.ConnectionFailed, $"{host} closed the connection without an answer."),
        _ when e.InnerException is AuthenticationException => (SfErrors.TlsFailed, $"No trusted connection to {host}: {Innermost(e, secrets)}"),
        _ => (SfErrors.ConnectionFailed, $"The connection to {host} failed: {Innermost(e, secrets)}"),
    };

    private static string Innermost(Exception e, Secrets secrets) => secrets.Show(e.GetBaseException().Message);
}
