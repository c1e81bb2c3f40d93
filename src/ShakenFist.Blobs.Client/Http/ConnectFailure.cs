using System.Net.Sockets;

namespace ShakenFist.Blobs.Http;

/// <summary>Recognizes failures to establish a connection. Compiled into the retrying handler too, which is in another load context.</summary>
internal static class ConnectFailure
{
    /// <summary>Whether no connection was established, so that the request was not sent.</summary>
    public static bool Is(Exception e) => e switch
    {
        HttpRequestException request => request.HttpRequestError is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError
            or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError,

        // A connection was reset before its first request.
        SocketException => true,

        // The exception that the sockets throw after their connect timeout.
        OperationCanceledException canceled => canceled.InnerException is TimeoutException,
        _ => false,
    };
}
