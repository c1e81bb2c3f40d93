using Microsoft.Extensions.Time.Testing;

namespace ShakenFist.Blobs.Client.Tests;

/// <summary>Tests the three limits together, as transfers use them.</summary>
public sealed class TransferLimitsTests
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch);

    private static async Task TakeAsync(SfTransferLimits limits, int count)
    {
        for (int i = 0; i < count; i++)
        {
            await limits.AcquireAsync(Limit.Token);
        }
    }

    [Theory]
    [InlineData(0, null)]
    [InlineData(17, null)]
    [InlineData(4, 0L)]
    [InlineData(4, -1L)]
    public void Limits_out_of_range_are_refused(int connections, long? rate) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new SfTransferLimits(connections, rate));

    [Fact]
    public void Limits_report_what_they_were_created_with()
    {
        SfTransferLimits limits = new(16, 1_000_000, _time);
        Assert.Equal((16, 1_000_000L, 4, 200_000), (limits.Connections, limits.BytesPerSecond, limits.Allowed, limits.MaxReadSize));
        Assert.Equal((4, null, 4, int.MaxValue), (new SfTransferLimits().Connections, new SfTransferLimits().BytesPerSecond, new SfTransferLimits().Allowed, new SfTransferLimits().MaxReadSize));
        Assert.Equal(2, new SfTransferLimits(2).Allowed);
    }

    [Fact]
    public async Task After_an_overload_half_the_connections_are_left_and_waiting_transfers_get_more_after_a_while()
    {
        SfTransferLimits limits = new(4, time: _time);
        Assert.Equal(4, limits.Allowed);
        limits.OnThrottled();
        limits.OnThrottled();
        Assert.Equal(2, limits.Allowed);
        _time.Advance(TimeSpan.FromSeconds(1.5));
        limits.OnThrottled();
        Assert.Equal(1, limits.Allowed);
        _time.Advance(TimeSpan.FromSeconds(1.5));
        limits.OnThrottled();
        Assert.Equal(1, limits.Allowed);
        await TakeAsync(limits, 1);
        Task waiting = limits.AcquireAsync(Limit.Token);
        for (int expected = 2; expected <= 4; expected++)
        {
            _time.Advance(TimeSpan.FromSeconds(2.5));
            limits.Release();
            await waiting;
            Assert.Equal(expected, limits.Allowed);
            await TakeAsync(limits, 1);
            waiting = limits.AcquireAsync(Limit.Token);
        }
    }

    [Theory]
    [InlineData(true, 8)]
    [InlineData(false, 5)]
    public async Task Above_the_default_connections_are_added_while_each_raises_the_throughput(bool raisesThroughput, int expected)
    {
        SfTransferLimits limits = new(8, time: _time);
        for (int round = 0; round < 20; round++)
        {
            int now = limits.Allowed;
            await TakeAsync(limits, now);
            Task waiting = limits.AcquireAsync(Limit.Token);
            limits.Received(raisesThroughput ? now * 1_000_000 : 4_000_000);
            _time.Advance(TimeSpan.FromMilliseconds(300));
            for (int i = 0; i < now; i++)
            {
                limits.Release();
            }

            await waiting;
            limits.Release();
        }

        Assert.Equal(expected, limits.Allowed);
    }

    [Fact]
    public async Task A_connection_is_added_while_long_requests_are_running()
    {
        SfTransferLimits limits = new(5, time: _time);
        await TakeAsync(limits, 4);
        Task waiting = limits.AcquireAsync(Limit.Token);
        _time.Advance(TimeSpan.FromMilliseconds(99));
        limits.Received(1000);
        Assert.False(waiting.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        limits.Received(1000);
        await waiting;
        Assert.Equal(5, limits.Allowed);
        Task sixth = limits.AcquireAsync(Limit.Token);
        _time.Advance(TimeSpan.FromSeconds(1));
        limits.Received(1_000_000);
        Assert.False(sixth.IsCompleted);
    }

    [Fact]
    public async Task With_a_limited_rate_a_connection_is_added_only_between_requests()
    {
        SfTransferLimits limits = new(5, bytesPerSecond: 1_000_000, time: _time);
        await TakeAsync(limits, 4);
        Task waiting = limits.AcquireAsync(Limit.Token);
        _time.Advance(TimeSpan.FromMilliseconds(100));
        limits.Received(1000);
        Assert.Equal(4, limits.Allowed);
        limits.Release();
        await waiting;
        Assert.Equal(5, limits.Allowed);
    }

    [Fact]
    public async Task After_an_overload_connections_return_every_two_seconds_up_to_the_default_and_then_only_if_the_throughput_rises()
    {
        SfTransferLimits limits = new(6, time: _time);
        limits.OnThrottled();
        Assert.Equal(2, limits.Allowed);
        _time.Advance(TimeSpan.FromSeconds(1));
        limits.OnThrottled();
        Assert.Equal(1, limits.Allowed);
        await TakeAsync(limits, 1);
        List<Task> waiting = [.. Enumerable.Range(0, 6).Select(_ => limits.AcquireAsync(Limit.Token))];
        for (int allowed = 1; allowed < 4; allowed++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(1999));
            limits.Received(1);
            Assert.Equal(allowed, limits.Allowed);
            _time.Advance(TimeSpan.FromMilliseconds(1));
            limits.Received(1);
            Assert.Equal(allowed + 1, limits.Allowed);
            await waiting[allowed - 1];
        }

        _time.Advance(TimeSpan.FromMilliseconds(100));
        limits.Received(1000);
        Assert.Equal(5, limits.Allowed);
        _time.Advance(TimeSpan.FromMilliseconds(100));
        limits.Received(1000);
        Assert.Equal(5, limits.Allowed);
        _time.Advance(TimeSpan.FromMilliseconds(100));
        limits.Received(1020);
        Assert.Equal(6, limits.Allowed);
    }

    [Fact]
    public void Received_bytes_are_counted_against_the_rate()
    {
        Assert.Equal(TimeSpan.Zero, new SfTransferLimits(time: _time).Received(int.MaxValue));
        Assert.Equal(TimeSpan.FromSeconds(1), new SfTransferLimits(4, 1000, _time).Received(1000));
    }
}
