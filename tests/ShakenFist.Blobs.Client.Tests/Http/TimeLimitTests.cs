using Microsoft.Extensions.Time.Testing;

namespace ShakenFist.Blobs.Client.Tests;

/// <summary>Tests that every request ends at its time limits, for any behavior of the server. The clock is fake.</summary>
public sealed class TimeLimitTests
{
    private static readonly Guid Uuid = Guid.NewGuid();

    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);

    /// <summary>Options whose limits end nothing here, so that other limits are tested.</summary>
    private SfTransportOptions Options => Cluster.Quick with { TimeProvider = _time, IdleTimeout = TimeSpan.FromDays(1), AttemptTimeout = TimeSpan.FromDays(1) };

    private static async Task DripAsync(RawExchange x, string head, string drop)
    {
        await x.WriteAsync("HTTP/1.1 200 OK\r\n\r\n" + head);
        while (true)
        {
            await x.WriteAsync(drop);
            await Task.Yield();
        }
    }

    [Theory]
    [InlineData(" ")]
    [InlineData("1,")]
    public async Task A_record_that_arrives_too_slowly_fails_after_a_minute_without_a_retry(string drop)
    {
        await using RawServer server = RawServer.StartCluster(x => DripAsync(x, "{\"a\": [", drop));
        using SfSession session = await Cluster.ConnectAsync(server.Url, Options, "system", false, Cluster.Key, NullLog.Instance);
        SfException e = await SfAssert.ThrowsAsync(SfErrors.RequestTimeout, () => session.GetBlobAsync(Uuid, NullLog.Instance, Limit.Token).WaitAdvancingAsync(_time));
        Assert.Contains("did not end within 60 s", e.Message, StringComparison.Ordinal);
        Assert.Equal(3, server.Heads.Count);
    }

    [Fact]
    public async Task A_list_has_no_time_limit_but_each_of_its_blobs_has_one_of_a_minute()
    {
        await using RawServer server = RawServer.StartCluster(x => DripAsync(x, $"[{{\"uuid\": \"{Uuid}\"}}", " "));
        using SfSession session = await Cluster.ConnectAsync(server.Url, Options, "system", false, Cluster.Key, NullLog.Instance);
        await using IAsyncEnumerator<SfBlob> blobs = session.ListBlobsAsync(NullLog.Instance, Limit.Token).GetAsyncEnumerator(Limit.Token);

        // The element ends with the following comma or bracket, which is not sent.
        await SfAssert.ThrowsAsync(SfErrors.RequestTimeout, () => blobs.MoveNextAsync().AsTask().WaitAdvancingAsync(_time));
    }

    [Fact]
    public async Task A_list_that_is_read_slowly_is_complete()
    {
        string list = "[" + string.Join(',', Enumerable.Repeat($$"""{"uuid": "{{Uuid}}"}""", 5_000)) + "]";
        await using RawServer server = RawServer.StartCluster(x => x.SendAsync(list));
        using SfSession session = await Cluster.ConnectAsync(server.Url, Options, "system", false, Cluster.Key, NullLog.Instance);
        int count = 0;
        await foreach (SfBlob _ in session.ListBlobsAsync(NullLog.Instance, Limit.Token))
        {
            _time.Advance(TimeSpan.FromSeconds(50));
            count++;
        }

        Assert.Equal(5_000, count);
    }

    [Fact]
    public async Task Without_a_retrying_handler_a_request_without_a_response_ends_too()
    {
        await using RawServer server = RawServer.StartCluster(x => x.HangAsync());
        SfTransportOptions options = Options with { AttemptTimeout = TimeSpan.FromSeconds(45) };
        using SfSession session = await Cluster.ConnectAsync(server.Url, options, "system", false, Cluster.Key, NullLog.Instance);
        SfException e = await SfAssert.ThrowsAsync(SfErrors.RequestTimeout, () => session.GetBlobAsync(Uuid, NullLog.Instance, Limit.Token).WaitAdvancingAsync(_time));
        Assert.Contains("did not respond in time", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_without_data_ends_at_the_idle_timeout_even_if_the_connection_is_dead()
    {
        await using RawServer server = RawServer.StartCluster(async x =>
        {
            await x.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{");
            await x.HangAsync();
        });
        SfTransportOptions options = Options with { IdleTimeout = TimeSpan.FromSeconds(30) };
        using SfSession session = await Cluster.ConnectAsync(server.Url, options, "system", false, Cluster.Key, NullLog.Instance);
        SfException e = await SfAssert.ThrowsAsync(SfErrors.ResponseStalled, () => session.GetBlobAsync(Uuid, NullLog.Instance, Limit.Token).WaitAdvancingAsync(_time));
        Assert.Contains("sent no data for 30 s", e.Message, StringComparison.Ordinal);
    }
}
