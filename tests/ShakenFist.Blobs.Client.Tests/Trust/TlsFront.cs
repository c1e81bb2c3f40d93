using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace ShakenFist.Blobs.Client.Tests.Trust;

/// <summary>Terminates TLS with any certificate and forwards the data to a server on this computer.</summary>
internal sealed class TlsFront : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly SslServerAuthenticationOptions _options;
    private readonly int _behind;
    private readonly Task _accepting;

    private TlsFront(int behind, X509Certificate2 leaf, X509Certificate2[] between)
    {
        _behind = behind;
        _options = new SslServerAuthenticationOptions { ServerCertificateContext = SslStreamCertificateContext.Create(leaf, [.. between], offline: true) };
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public Uri Url => new($"https://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    /// <summary>Starts a front end for <paramref name="behind"/> with a certificate and its intermediate certificates.</summary>
    public static TlsFront Start(RawServer behind, X509Certificate2 leaf, params X509Certificate2[] between) => new(behind.Port, leaf, between);

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        await _accepting;
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        List<Task> served = [];
        try
        {
            while (true)
            {
                served.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_end.Token)));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or InvalidOperationException)
        {
            await Task.WhenAll(served);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using TcpClient near = client;
        using TcpClient far = new();
        try
        {
            await using SslStream tls = new(near.GetStream());
            await tls.AuthenticateAsServerAsync(_options, _end.Token);
            await far.ConnectAsync(IPAddress.Loopback, _behind, _end.Token);
            await using NetworkStream inner = far.GetStream();
            Task forth = tls.CopyToAsync(inner, _end.Token);
            await inner.CopyToAsync(tls, _end.Token);
            await tls.ShutdownAsync();
            near.Client.Shutdown(SocketShutdown.Send);
            await forth;
        }
        catch (Exception e) when (e is IOException or SocketException or AuthenticationException or OperationCanceledException)
        {
            // The client rejected the certificate or disconnected, or the test has ended.
        }
    }
}
