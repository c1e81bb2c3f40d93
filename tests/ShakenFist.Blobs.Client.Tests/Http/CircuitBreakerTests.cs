using System.Net.Sockets;
using Microsoft.Extensions.Time.Testing;

namespace ShakenFist.Blobs.Client.Tests;

/// <summary>Tests which requests are sent while the cluster cannot be reached. A raw socket server counts all connections.</summary>
public sealed class CircuitBreakerTests
{
    [Theory]
    [InlineData(503, nameof(SfErrors.ServerUnavailable))]
    [InlineData(500, nameof(SfErrors.ServerError))]
    [InlineData(429, nameof(SfErrors.TooManyRequests))]
    [InlineData(406, nameof(SfErrors.NotReady))]
    public async Task A_single_attempt_arrives_once(int status, string id)
    {
        await using UnreliableCluster site = await UnreliableCluster.StartAsync();
        site.Status = status;
        SfException e = await Assert.ThrowsAsync<SfException>(() => site.GetAsync(singleAttempt: true));
        Assert.Equal(id, e.Error.Id);
        Assert.Equal(1, site.Arrivals);
    }

    [Fact]
    public async Task A_single_attempt_ends_with_the_time_for_one_attempt()
    {
        await using UnreliableCluster site = await UnreliableCluster.StartAsync(Cluster.Quick with { AttemptTimeout = TimeSpan.FromMilliseconds(300) });
        site.HoldAnswers();
        await SfAssert.ThrowsAsync(SfErrors.RequestTimeout, () => site.GetAsync(singleAttempt: true));
        Assert.Equal(1, site.Arrivals);
    }

    [Fact]
    public async Task A_connection_that_is_reset_before_its_first_request_is_a_failed_connection()
    {
        await using UnreliableCluster site = await UnreliableCluster.StartAsync();
        site.ResetNext();
        await SfAssert.ThrowsAsync(SfErrors.ConnectionFailed, () => site.GetAsync(singleAttempt: true));
        site.ResetNext();
        Assert.Equal(200, await site.GetAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Single_attempts_that_fail_do_not_open_the_circuit(bool isRefused)
    {
        await using UnreliableCluster site = await UnreliableCluster.StartAsync();
        SfError error = site.BreakDown(isRefused);
        int dialed = site.Dialed;
        for (int i = 0; i < 50; i++)
        {
            await SfAssert.ThrowsAsync(error, () => site.GetAsync(singleAttempt: true));
        }

        Assert.Equal(50, site.Dialed - dialed);
        site.Recover();
        await site.GetAsync();
        Assert.Equal(51, site.Dialed - dialed);
    }

    [Fact]
    public async Task A_single_attempt_is_sent_even_if_the_circuit_is_open_and_does_not_close_it()
    {
        await using UnreliableCluster site = await UnreliableCluster.StartAsync();
        await site.OpenCircuitAsync(isRefused: true);
        site.Recover();
        await site.GetAsync(singleAttempt: true);
        await SfAssert.ThrowsAsync(SfErrors.ClusterUnreachable, () => site.GetAsync());
        Assert.Equal(1, site.Arrivals);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_open_circuit_rejects_requests_and_reports_the_last_real_failure(bool isRefused)
    {
        await using UnreliableCluster site = await UnreliableCluster.StartAsync();
        Exception real = await site.OpenCircuitAsync(isRefused);
        int dialed = site.Dialed;
        SfException e = await SfAssert.ThrowsAsync(SfErrors.ClusterUnreachable, () => site.GetAsync());
        Assert.Equal(dialed, site.Dialed);
        string lastFailure = isRefused ? ErrorText.Clause(real.GetBaseException().Message) : "status 503";
        Assert.Equal($"http://127.0.0.1:{site.Session.ApiUrl.Port} did not respond after several attempts. Last failure: {lastFailure}.", e.Message);
        Assert.Null(e.RequestId);
        if (isRefused)
        {
            Assert.Equal(SocketError.ConnectionRefused, Assert.IsType<SocketException>(Assert.IsType<HttpRequestException>(e.InnerException).InnerException).SocketErrorCode);
        }
        else
        {
            Assert.Null(e.InnerException);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_first_request_of_a_command_is_sent_once_during_an_outage_and_reports_the_real_failure(bool isRefused)
    {
        await using UnreliableCluster site = await UnreliableCluster.StartAsync();
        await site.OpenCircuitAsync(isRefused);
        int dialed = site.Dialed;
        site.Session.BeginCommand();
        await SfAssert.ThrowsAsync(isRefused ? SfErrors.ConnectionFailed : SfErrors.ServerUnavailable, () => site.GetAsync());
        Assert.Equal(1, site.Dialed - dialed);

        // The other requests of the command fail immediately.
        await SfAssert.ThrowsAsync(SfErrors.ClusterUnreachable, () => site.GetAsync());
        await SfAssert.ThrowsAsync(SfErrors.ClusterUnreachable, () => site.GetAsync());
        Assert.Equal(1, site.Dialed - dialed);
    }

    [Fact]
    public async Task The_first_request_of_a_command_after_an_outage_succeeds_and_closes_the_circuit()
    {
        await using UnreliableCluster site = await UnreliableCluster.StartAsync();
        await site.OpenCircuitAsync(isRefused: true);
        site.Recover();
        site.Session.BeginCommand();
        await site.GetAsync();
        Assert.Equal(1, site.Arrivals);
        await site.GetAsync();
        Assert.Equal(2, site.Arrivals);
    }

    [Fact]
    public async Task An_error_that_the_cluster_itself_reports_closes_the_circuit()
    {
        await using UnreliableCluster site = await UnreliableCluster.StartAsync();
        await site.OpenCircuitAsync(isRefused: true);
        site.Recover();
        site.Status = 404;
        site.Session.BeginCommand();
        await SfAssert.ThrowsAsync(SfErrors.ResourceNotFound, () => site.GetAsync());
        site.Recover();
        await site.GetAsync();
        Assert.Equal(2, site.Arrivals);
    }

    [Fact]
    public async Task Only_the_next_request_after_the_start_of_a_command_tests_the_circuit()
    {
        await using UnreliableCluster site = await UnreliableCluster.StartAsync();
        site.Session.BeginCommand();
        site.Session.BeginCommand();
        await site.GetAsync();
        await site.OpenCircuitAsync(isRefused: true);
        site.Recover();
        await SfAssert.ThrowsAsync(SfErrors.ClusterUnreachable, () => site.GetAsync());
        Assert.Equal(1, site.Arrivals);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Parallel_requests_of_a_command_wait_for_the_test_of_the_circuit(bool recovers)
    {
        await using UnreliableCluster site = await UnreliableCluster.StartAsync();
        await site.OpenCircuitAsync(isRefused: false);
        int arrived = site.Arrivals;
        site.HoldAnswers();
        site.Session.BeginCommand();
        Task<int>[] requests = [.. Enumerable.Range(0, 6).Select(_ => site.GetAsync())];
        await site.ArrivedAsync(arrived + 1);
        using CancellationTokenSource stop = new();
        Task<int> stopped = site.GetAsync(cancellationToken: stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => stopped);
        Assert.All(requests, request => Assert.False(request.IsCompleted));
        if (recovers)
        {
            site.Recover();
        }

        site.ReleaseAnswers();
        Task finished = Task.WhenAll(requests);
        if (recovers)
        {
            await finished;
            Assert.Equal(arrived + 6, site.Arrivals);
        }
        else
        {
            await Assert.ThrowsAsync<SfException>(() => finished);
            string[] ids = [.. requests.Select(request => Assert.IsType<SfException>(request.Exception!.InnerException).Error.Id).Order()];
            Assert.Equal([.. Enumerable.Repeat("ClusterUnreachable", 5), "ServerUnavailable"], ids);
            Assert.Equal(arrived + 1, site.Arrivals);
        }
    }

    [Fact]
    public async Task If_the_test_of_the_circuit_is_cancelled_the_circuit_stays_open_and_the_next_command_tests_it()
    {
        await using UnreliableCluster site = await UnreliableCluster.StartAsync();
        await site.OpenCircuitAsync(isRefused: true);
        site.Recover();
        site.HoldAnswers();
        site.Session.BeginCommand();
        using CancellationTokenSource stop = new();
        Task<int> request = site.GetAsync(cancellationToken: stop.Token);
        await site.ArrivedAsync(1);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => request);
        site.ReleaseAnswers();
        await SfAssert.ThrowsAsync(SfErrors.ClusterUnreachable, () => site.GetAsync());
        site.Session.BeginCommand();
        await site.GetAsync();
        Assert.Equal(2, site.Arrivals);
    }

    [Fact]
    public async Task If_the_token_has_expired_the_authentication_tests_the_circuit()
    {
        FakeTimeProvider time = new(DateTimeOffset.UtcNow);
        await using UnreliableCluster site = await UnreliableCluster.StartAsync(Cluster.Quick with { TimeProvider = time });
        await site.OpenCircuitAsync(isRefused: true);
        site.Recover();
        time.Advance(TimeSpan.FromDays(2));
        await SfAssert.ThrowsAsync(SfErrors.ClusterUnreachable, () => site.GetAsync());
        Assert.Equal((1, 0), (site.Logins, site.Arrivals));
        site.Session.BeginCommand();
        await site.GetAsync();
        Assert.Equal((2, 1), (site.Logins, site.Arrivals));
    }

    [Fact]
    public async Task In_a_half_open_circuit_the_first_request_of_a_command_is_also_sent_once()
    {
        await using UnreliableCluster site = await UnreliableCluster.StartAsync(breakDuration: TimeSpan.Zero);
        await site.OpenCircuitAsync(isRefused: true);
        int dialed = site.Dialed;
        site.Session.BeginCommand();
        await SfAssert.ThrowsAsync(SfErrors.ConnectionFailed, () => site.GetAsync());
        Assert.Equal(1, site.Dialed - dialed);
        site.Recover();
        site.Session.BeginCommand();
        await site.GetAsync();
        Assert.Equal(1, site.Arrivals);
    }
}
