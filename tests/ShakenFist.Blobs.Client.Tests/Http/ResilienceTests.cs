using System.Net;
using System.Net.Sockets;
using ShakenFist.Blobs.Emulator;

namespace ShakenFist.Blobs.Client.Tests;

public sealed class ResilienceTests
{
    private static readonly Guid Uuid = Guid.NewGuid();

    private static async Task<(Cluster Cluster, SfSession Session)> StartAsync(SfTransportOptions? options = null)
    {
        Cluster cluster = await Cluster.StartAsync();
        cluster.State.AddBlob(EmulatedBlob.FromBytes([1, 2, 3], Uuid));
        return (cluster, await cluster.ConnectAsync(options, resilient: true));
    }

    private static Task<SfBlob> GetAsync(SfSession session, ISfLog log, CancellationToken? cancellationToken = null) => session.GetBlobAsync(Uuid, log, cancellationToken ?? Limit.Token);

    private static Fault Status(int status, int times = 1, string? retryAfter = null) => new()
    {
        Path = "/blobs/*",
        Kind = FaultKind.Status,
        Status = status,
        Times = times,
        Headers = retryAfter is null ? null : new Dictionary<string, string> { ["Retry-After"] = retryAfter },
    };

    [Theory]
    [InlineData(406)]
    [InlineData(408)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(504)]
    public async Task A_temporary_failure_is_retried(int status)
    {
        (Cluster cluster, SfSession session) = await StartAsync();
        await using (cluster)
        {
            cluster.Faults.Add(Status(status, 4));
            Assert.Equal(3, (await GetAsync(session, cluster.Log)).Size);
            Assert.Contains(cluster.Log.Verboses, line => line.Contains($"status {status}. Retry 4 of 4", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task A_permanent_failure_is_reported_after_five_attempts()
    {
        (Cluster cluster, SfSession session) = await StartAsync();
        await using (cluster)
        {
            cluster.Faults.Add(Status(503, int.MaxValue));
            await SfAssert.ThrowsAsync(SfErrors.ServerUnavailable, () => GetAsync(session, cluster.Log));
            Assert.Equal(5, cluster.Count("GET", Uuid.ToString()));
        }
    }

    [Theory]
    [InlineData(400)]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(409)]
    [InlineData(501)]
    [InlineData(507)]
    public async Task A_rejected_request_is_not_retried(int status)
    {
        (Cluster cluster, SfSession session) = await StartAsync();
        await using (cluster)
        {
            cluster.Faults.Add(Status(status, int.MaxValue));
            await Assert.ThrowsAsync<SfException>(() => GetAsync(session, cluster.Log));
            Assert.Equal(1, cluster.Count("GET", Uuid.ToString()));
        }
    }

    public static TheoryData<string, double, double> RetryAfters => new()
    {
        { "7", 7_000, 7_000 },
        { "100000", 30_000, 30_000 },
        { "99999999999999999999", 0, 500 },
        { "-5", 0, 500 },
        { "0", 0, 500 },
        { "soon", 0, 500 },
        { DateTimeOffset.UtcNow.AddYears(1).ToString("R"), 30_000, 30_000 },
        { DateTimeOffset.UtcNow.AddYears(-1).ToString("R"), 0, 500 },
    };

    [Theory]
    [MemberData(nameof(RetryAfters))]
    public async Task Retry_After_is_honored_up_to_the_maximum_and_a_cancellation_ends_every_wait(string retryAfter, double min, double max)
    {
        (Cluster cluster, SfSession session) = await StartAsync();
        await using (cluster)
        {
            cluster.Faults.Add(Status(503, int.MaxValue, retryAfter));
            using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(Limit.Token);
            Task<SfBlob> request = GetAsync(session, cluster.Log, stop.Token);
            string line = await cluster.Log.SeesAsync("Retry 1 of 4 in ");
            string milliseconds = line.Split(" in ")[^1].Split(' ')[0];
            Assert.InRange(double.Parse(milliseconds, System.Globalization.CultureInfo.InvariantCulture), min, max);
            if (min > 0)
            {
                long stopped = TimeProvider.System.GetTimestamp();
                await stop.CancelAsync();
                await Assert.ThrowsAnyAsync<OperationCanceledException>(() => request);
                Assert.InRange(TimeProvider.System.GetElapsedTime(stopped).TotalSeconds, 0, 5);
            }
            else
            {
                await SfAssert.ThrowsAsync(SfErrors.ServerUnavailable, () => request);
            }
        }
    }

    [Fact]
    public async Task A_507_is_retried_only_with_a_Retry_After_header()
    {
        (Cluster cluster, SfSession session) = await StartAsync();
        await using (cluster)
        {
            cluster.Faults.Add(Status(507, 1, "0"));
            Assert.Equal(3, (await GetAsync(session, cluster.Log)).Size);
        }
    }

    [Fact]
    public async Task Authentication_is_requested_again_though_it_is_a_POST_and_other_POSTs_are_not()
    {
        (Cluster cluster, SfSession session) = await StartAsync();
        await using (cluster)
        {
            cluster.Faults.Add(Status(503, 2) with { Method = "POST", Path = "/auth" });
            cluster.Emulator.ExpireTokens();
            Assert.Equal(3, (await GetAsync(session, cluster.Log)).Size);
            Assert.Equal(4, cluster.Count("POST", "/auth"));
            cluster.Faults.Add(Status(503, int.MaxValue) with { Method = "POST" });
            Http.ApiRequest other = new(HttpMethod.Post, new Uri($"{cluster.Emulator.Url}blobs/{Uuid}"));
            await SfAssert.ThrowsAsync(SfErrors.ServerUnavailable, () => session.SendAsync(other, cluster.Log, Limit.Token));
            Assert.Equal(1, cluster.Count("POST", Uuid.ToString()));
        }
    }

    [Fact]
    public async Task After_ten_attempts_that_do_not_reach_the_host_requests_are_not_sent()
    {
        (Cluster cluster, SfSession session) = await StartAsync();
        await cluster.Emulator.DisposeAsync();
        await SfAssert.ThrowsAsync(SfErrors.ConnectionFailed, () => GetAsync(session, cluster.Log));
        await Assert.ThrowsAsync<SfException>(() => GetAsync(session, cluster.Log));
        using TcpListener listener = new(IPAddress.Loopback, session.ApiUrl.Port);
        listener.Start();
        SfException e = await SfAssert.ThrowsAsync(SfErrors.ClusterUnreachable, () => GetAsync(session, cluster.Log));
        Assert.Contains("did not respond after several attempts. Last failure: ", e.Message, StringComparison.Ordinal);
        Assert.False(listener.Pending());
    }

    [Fact]
    public async Task Errors_of_single_blobs_never_stop_the_others()
    {
        (Cluster cluster, SfSession session) = await StartAsync();
        await using (cluster)
        {
            cluster.Faults.Add(Status(500, 30));
            for (int i = 0; i < 6; i++)
            {
                await SfAssert.ThrowsAsync(SfErrors.ServerError, () => GetAsync(session, cluster.Log));
            }

            Assert.Equal(3, (await GetAsync(session, cluster.Log)).Size);
        }
    }

    [Fact]
    public async Task A_request_without_a_response_ends_at_its_time_limit()
    {
        (Cluster cluster, SfSession session) = await StartAsync(Cluster.Quick with { AttemptTimeout = TimeSpan.FromMilliseconds(300) });
        await using (cluster)
        {
            cluster.Faults.Add(new Fault { Path = "/blobs/*", Kind = FaultKind.Delay, Delay = TimeSpan.FromMinutes(5), Times = int.MaxValue });
            await SfAssert.ThrowsAsync(SfErrors.RequestTimeout, () => GetAsync(session, cluster.Log));
            Assert.Equal(5, cluster.Count("GET", Uuid.ToString()));
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_refused_connection_and_an_unknown_host_are_different_errors(bool resilient)
    {
        await SfAssert.ThrowsAsync(SfErrors.ConnectionFailed, () => Cluster.ConnectAsync(new Uri("http://127.0.0.1:1"), null, "system", resilient, Cluster.Key, NullLog.Instance));
        await SfAssert.ThrowsAsync(SfErrors.HostNotFound, () => Cluster.ConnectAsync(new Uri("http://no-such-host.invalid"), null, "system", resilient, Cluster.Key, NullLog.Instance));
    }

    [Fact]
    public async Task A_connect_to_a_wrong_address_fails_after_two_attempts()
    {
        int asked = 0;
        await using RawServer server = RawServer.Start(x =>
        {
            asked++;
            return x.SendAsync("", status: 503);
        });
        await SfAssert.ThrowsAsync(SfErrors.ServerUnavailable, () => Cluster.ConnectAsync(server.Url, null, "system", true, Cluster.Key, NullLog.Instance));
        Assert.Equal(2, asked);
    }
}
