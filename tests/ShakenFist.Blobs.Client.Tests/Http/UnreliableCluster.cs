using System.Net;
using System.Net.Sockets;
using ShakenFist.Blobs.Http;
using ShakenFist.Blobs.Resilience;

namespace ShakenFist.Blobs.Client.Tests;

/// <summary>A raw socket server that can be unreachable, and a session to it with the real handler. Its circuit stays open until it is closed by a request.</summary>
internal sealed class UnreliableCluster : IAsyncDisposable
{
    private const int FailuresBeforeBreak = 10;

    private readonly RawServer _server;
    private volatile TaskCompletionSource? _arrival;
    private volatile TaskCompletionSource? _held;
    private volatile bool _isRefused;
    private int _dialed;
    private int _resets;

    private UnreliableCluster() => _server = RawServer.StartCluster(async x =>
    {
        _arrival?.TrySetResult();
        await (_held?.Task ?? Task.CompletedTask);
        await x.SendAsync("{}", status: Status);
    });

    public SfSession Session { get; private set; } = null!;

    /// <summary>The status of each response.</summary>
    public int Status { get; set; } = 200;

    /// <summary>Number of attempts to connect.</summary>
    public int Dialed => Volatile.Read(ref _dialed);

    public int Arrivals => _server.Heads.Count(head => head.StartsWith("GET /blobs", StringComparison.Ordinal));

    public int Logins => _server.Heads.Count(head => head.StartsWith("POST /auth", StringComparison.Ordinal));

    public static async Task<UnreliableCluster> StartAsync(SfTransportOptions? options = null, TimeSpan? breakDuration = null)
    {
        UnreliableCluster site = new();
        options = (options ?? Cluster.Quick) with { AddressRace = new AddressRace(Dns.GetHostAddressesAsync, site.DialAsync, TimeProvider.System) };
        site.Session = await SfSession.ConnectAsync(
            new SfConnectionSettings(site._server.Url, "system", Cluster.Key, "the test"),
            options,
            sockets => ResilientHandler.Create(sockets, options.AttemptTimeout, options.RetryDelay, breakDuration ?? TimeSpan.FromHours(1)),
            NullLog.Instance,
            Limit.Token);
        return site;
    }

    public async Task<int> GetAsync(bool singleAttempt = false, CancellationToken? cancellationToken = null)
    {
        ApiRequest request = new(HttpMethod.Get, Session.Routes.Blobs) { SingleAttempt = singleAttempt };
        using ApiAnswer answer = await Session.SendAsync(request, NullLog.Instance, cancellationToken ?? Limit.Token);
        return answer.Status;
    }

    /// <summary>Starts an outage: connections are refused, or a front end responds with 503 instead of the cluster.</summary>
    /// <returns>The error of one attempt.</returns>
    public SfError BreakDown(bool isRefused)
    {
        _isRefused = isRefused;
        Status = isRefused ? 200 : 503;
        return isRefused ? SfErrors.ConnectionFailed : SfErrors.ServerUnavailable;
    }

    public void Recover()
    {
        _isRefused = false;
        Status = 200;
    }

    /// <summary>Resets the next connection as soon as it is established.</summary>
    public void ResetNext() => _resets = 1;

    /// <summary>Delays responses until they are released.</summary>
    public void HoldAnswers() => _held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void ReleaseAnswers()
    {
        _held?.TrySetResult();
        _held = null;
    }

    /// <summary>Starts an outage and sends requests until the circuit is open.</summary>
    /// <returns>The last error before it opened.</returns>
    public async Task<Exception> OpenCircuitAsync(bool isRefused)
    {
        BreakDown(isRefused);
        int dialed = Dialed;
        Exception last = null!;
        while (Dialed - dialed < FailuresBeforeBreak)
        {
            last = await Assert.ThrowsAsync<SfException>(() => GetAsync());
        }

        Assert.Equal(FailuresBeforeBreak, Dialed - dialed);
        return last;
    }

    /// <summary>Waits for a number of connections.</summary>
    public async Task ArrivedAsync(int count)
    {
        TaskCompletionSource arrival = _arrival = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (Arrivals < count)
        {
            await arrival.Task.WaitAsync(Limit.Token);
        }

        Assert.Equal(count, Arrivals);
    }

    public async ValueTask DisposeAsync()
    {
        Session?.Dispose();
        ReleaseAnswers();
        await _server.DisposeAsync();
    }

    // No process listens on port 1.
    private async Task<Stream> DialAsync(IPEndPoint address, CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _resets, 0) == 1)
        {
            return await ResetAsync(cancellationToken);
        }

        Interlocked.Increment(ref _dialed);
        return await AddressRace.ConnectSocketAsync(_isRefused ? new IPEndPoint(IPAddress.Loopback, 1) : address, cancellationToken);
    }

    private static async Task<Stream> ResetAsync(CancellationToken cancellationToken)
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(listener.LocalEndpoint, cancellationToken);
        Socket accepted = await listener.AcceptSocketAsync(cancellationToken);
        accepted.LingerState = new LingerOption(true, 0);
        accepted.Dispose();
        Assert.True(socket.Poll(TimeSpan.FromMinutes(1), SelectMode.SelectRead));
        return new NetworkStream(socket, ownsSocket: true);
    }
}
