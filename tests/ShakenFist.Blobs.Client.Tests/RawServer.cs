using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;

namespace ShakenFist.Blobs.Client.Tests;

/// <summary>A raw socket server that is scripted request by request, for behavior that an HTTP server library does not allow. One request for each connection.</summary>
internal sealed class RawServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly Func<RawExchange, Task> _answer;
    private readonly bool _readsRequests;
    private readonly string _scheme;
    private readonly Task _accepting;
    private int _open;
    private int _busy;

    private RawServer(Func<RawExchange, Task> answer, bool readsRequests, string scheme = "http")
    {
        _answer = answer;
        _readsRequests = readsRequests;
        _scheme = scheme;
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = AcceptAsync();
    }

    public int Port { get; }

    public Uri Url => new($"{_scheme}://127.0.0.1:{Port}");

    /// <summary>The headers of all requests.</summary>
    public ConcurrentQueue<string> Heads { get; } = new();

    /// <summary>Connections that have not ended.</summary>
    public int Open => Volatile.Read(ref _open);

    /// <summary>Number of requests whose script has not ended. A connection that was established for a canceled request has no script.</summary>
    public int Busy => Volatile.Read(ref _busy);

    public static RawServer Start(Func<RawExchange, Task> answer) => new(answer, readsRequests: true);

    /// <summary>Starts a server that passes all data to the script, for example to test servers that do not use HTTP.</summary>
    public static RawServer StartBare(Func<RawExchange, Task> answer, string scheme = "http") => new(answer, readsRequests: false, scheme);

    /// <summary>Starts a server that accepts any key. The script handles all requests except for the root page and /auth.</summary>
    public static RawServer StartCluster(Func<RawExchange, Task> answer, string capabilities = "blob-data-limit") => Start(exchange => exchange.Path switch
    {
        "/" => exchange.SendAsync($"<ul><li>blobs: {capabilities}</ul>", "text/html"),
        "/auth" => exchange.SendAsync("""{"access_token": "t0k3n", "token_type": "Bearer", "expires_in": 86400}"""),
        _ => answer(exchange),
    });

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
                served.Add(ServeAsync(await _listener.AcceptSocketAsync(_end.Token)));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or InvalidOperationException)
        {
            await Task.WhenAll(served);
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        using RawExchange exchange = new(socket, _end.Token);
        Interlocked.Increment(ref _open);
        try
        {
            if (!_readsRequests)
            {
                await _answer(exchange);
            }
            else if (await exchange.ReadAsync())
            {
                Heads.Enqueue(exchange.Head);
                Interlocked.Increment(ref _busy);
                try
                {
                    await _answer(exchange);
                }
                finally
                {
                    Interlocked.Decrement(ref _busy);
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or SocketException or AuthenticationException)
        {
            // The client has disconnected or rejected the certificate, or the test has ended.
        }
        finally
        {
            Interlocked.Decrement(ref _open);
        }
    }
}

/// <summary>One request and its connection.</summary>
internal sealed class RawExchange(Socket socket, CancellationToken end) : IDisposable
{
    private readonly NetworkStream _stream = new(socket, ownsSocket: true);

    public string Head { get; private set; } = "";

    public string Path => Target.Split('?')[0];

    /// <summary>Path and query. For a request to a proxy, the whole URL.</summary>
    public string Target => Head.Split(' ') is [_, string target, ..]
        ? target.StartsWith("http://", StringComparison.Ordinal) ? new Uri(target).PathAndQuery : target
        : "";

    public long Query(string name) => Target.Split('?', '&').Select(p => p.Split('=')) is { } pairs
        && pairs.FirstOrDefault(p => p[0] == name) is [_, string value] ? long.Parse(value, System.Globalization.CultureInfo.InvariantCulture) : 0;

    /// <summary>Reads headers and body of the request. Returns false if there was none.</summary>
    public async Task<bool> ReadAsync()
    {
        StringBuilder head = new();
        byte[] one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            if (await _stream.ReadAsync(one, end) == 0)
            {
                return false;
            }

            head.Append((char)one[0]);
        }

        Head = head.ToString();
        string? length = Head.Split("\r\n").FirstOrDefault(h => h.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase));
        byte[] body = new byte[int.Parse(length?["Content-Length:".Length..] ?? "0", System.Globalization.CultureInfo.InvariantCulture)];
        await _stream.ReadExactlyAsync(body, end);
        return true;
    }

    public Task SendAsync(string body, string type = "application/json", int status = 200, string headers = "") =>
        WriteAsync($"HTTP/1.1 {status} X\r\nContent-Type: {type}\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\nConnection: close\r\n{headers}\r\n{body}");

    /// <summary>Sends a chunked response. Without its last chunk, it is truncated.</summary>
    public async Task SendChunkedAsync(ReadOnlyMemory<byte> body, bool properEnd)
    {
        await WriteAsync($"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n{body.Length:x}\r\n");
        await WriteAsync(body);
        await WriteAsync(properEnd ? "\r\n0\r\n\r\n" : "\r\n");
    }

    public Task WriteAsync(string text) => WriteAsync(Encoding.UTF8.GetBytes(text));

    public async Task WriteAsync(ReadOnlyMemory<byte> bytes) => await _stream.WriteAsync(bytes, end);

    /// <summary>Waits until the client disconnects.</summary>
    public async Task UntilGoneAsync()
    {
        byte[] more = new byte[64];
        while (await _stream.ReadAsync(more, end) > 0)
        {
        }
    }

    /// <summary>Waits for the first byte from the client.</summary>
    public async Task UntilSpokenToAsync() => _ = await _stream.ReadAsync(new byte[1], end);

    /// <summary>Ends the connection with a TCP reset.</summary>
    public Task ResetAsync()
    {
        socket.LingerState = new LingerOption(true, 0);
        socket.Close();
        return Task.CompletedTask;
    }

    /// <summary>Sends nothing until the test ends.</summary>
    public Task HangAsync() => Task.Delay(Timeout.Infinite, end);

    /// <summary>Terminates TLS and forwards the data to another server until one side closes its connection.</summary>
    public async Task TerminateTlsAsync(SslServerAuthenticationOptions options, int port)
    {
        await using SslStream tls = new(_stream);
        await tls.AuthenticateAsServerAsync(options, end);
        using TcpClient other = new();
        await other.ConnectAsync(IPAddress.Loopback, port, end);
        await using NetworkStream far = other.GetStream();
        Task forth = tls.CopyToAsync(far, end);
        await far.CopyToAsync(tls, end);
        await tls.ShutdownAsync();
        socket.Shutdown(SocketShutdown.Send);
        await forth;
    }

    /// <summary>Forwards bytes in both directions until one side closes its connection, like the tunnel of a proxy.</summary>
    public async Task TunnelAsync(int port)
    {
        using TcpClient other = new();
        await other.ConnectAsync(IPAddress.Loopback, port, end);
        using NetworkStream far = other.GetStream();
        await Task.WhenAny(_stream.CopyToAsync(far, end), far.CopyToAsync(_stream, end));
    }

    public void Dispose() => _stream.Dispose();
}
