using System.Net.Sockets;
using System.Security.Authentication;

namespace ShakenFist.Blobs.Http;

/// <summary>Converts a failure below HTTP to an error of the error table.</summary>
internal static class TransportErrors
{
    // The message about a certificate that is not accepted consists of several sentences.
    private const int MaxReasonLength = 1000;

    /// <summary>Gets the error, or null if the exception is a cancellation or not a network failure.</summary>
    public static SfException? Of(Exception exception, ApiRequest request, string requestId, Secrets secrets, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return null;
        }

        string host = request.Url.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped);
        if (exception.Data.Contains(RequestOption.CircuitOpen))
        {
            // No request was sent, so there is no request ID.
            return new SfException(SfErrors.ClusterUnreachable, $"{host} did not respond after several attempts. Last failure: {ErrorText.Sentence(secrets.Show(exception.Message))}",
                exception.InnerException is { } last ? secrets.IfFit(last) : null);
        }

        (SfError Error, string What, string? Reason)? found = exception switch
        {
            TimeoutException => (SfErrors.RequestTimeout, $"{host} did not respond in time", null),

            // If the caller did not cancel, only the connect timeout can be the cause.
            OperationCanceledException => (SfErrors.ConnectionFailed, $"The connection to {host} was not established in time", null),
            HttpRequestException e => OfRequest(e, host, secrets),

            // .NET throws a SocketException if a new connection is reset before its first request.
            Exception e when e is IOException or SocketException => (SfErrors.ConnectionFailed, $"The connection to {host} was lost", secrets.Show(e.Message)),
            _ => null,
        };
        return found is { } f
            ? new SfException(f.Error, $"{f.What} (request id {requestId}){(f.Reason is null ? "." : ": " + ErrorText.Sentence(f.Reason))}", secrets.IfFit(exception))
            {
                RequestId = requestId,
                WasSent = !ConnectFailure.Is(exception),
            }
            : null;
    }

    private static (SfError Error, string What, string? Reason) OfRequest(HttpRequestException e, string host, Secrets secrets) => e.HttpRequestError switch
    {
        HttpRequestError.NameResolutionError => (SfErrors.HostNotFound, $"The host name of {host} cannot be resolved", Innermost(e, secrets)),

        // Only a failed authentication is a trust failure. If an outage interrupts the handshake, the connection was lost.
        HttpRequestError.SecureConnectionError when e.InnerException is IOException =>
            (SfErrors.ConnectionFailed, $"The connection to {host} was lost during the TLS handshake", Innermost(e, secrets)),
        HttpRequestError.SecureConnectionError => (SfErrors.TlsFailed, $"Cannot establish a trusted connection to {host}", TlsReason(e, secrets)),
        HttpRequestError.ProxyTunnelError => (SfErrors.ProxyFailed, $"The proxy did not connect to {host}", Innermost(e, secrets)),
        HttpRequestError.InvalidResponse or HttpRequestError.ConfigurationLimitExceeded =>
            (SfErrors.UnexpectedContent, $"The response of {host} is not valid HTTP", Innermost(e, secrets)),
        HttpRequestError.ResponseEnded => (SfErrors.ConnectionFailed, $"{host} closed the connection without a response", null),
        _ when e.InnerException is AuthenticationException => (SfErrors.TlsFailed, $"Cannot establish a trusted connection to {host}", TlsReason(e, secrets)),
        _ => (SfErrors.ConnectionFailed, $"The connection to {host} failed", Innermost(e, secrets)),
    };

    // .NET has no code for a response that is not TLS.
    private static string TlsReason(Exception e, Secrets secrets) => e.GetBaseException().Message.Contains("frame size", StringComparison.Ordinal)
        ? "the response does not use TLS. If the server uses http, specify an http URL"
        : Innermost(e, secrets);

    private static string Innermost(Exception e, Secrets secrets) => secrets.Show(e.GetBaseException().Message, MaxReasonLength);
}
