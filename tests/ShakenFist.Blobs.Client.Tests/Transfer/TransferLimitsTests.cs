using Microsoft.Extensions.Time.Testing;

namespace ShakenFist.Blobs.Client.Tests;

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
    public void Limits_that_make_no_sense_are_refused(int connections, long? rate) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new SfTransferLimits(connections, rate));

    [Fact]
    public async Task Who_asked_first_has_the_next_connection_and_who_gave_up_none()
    {
        SfTransferLimits limits = new(2, time: _time);
        await TakeAsync(limits, 2);
        using CancellationTokenSource stop = new();
        Task first = limits.AcquireAsync(stop.Token);
        Task second = limits.AcquireAsync(Limit.Token);
        Task third = limits.AcquireAsync(Limit.Token);
        Assert.False(first.IsCompleted || second.IsCompleted || third.IsCompleted);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        limits.Release();
        await second;
        Assert.False(third.IsCompleted);
        limits.Release();
        await third;
    }

    [Fact]
    public async Task A_cluster_that_has_too_much_to_do_gets_half_of_it_and_more_again_after_a_while()
    {
        SfTransferLimits limits = new(4, time: _time);
        Assert.Equal(4, limits.Allowed);
        limits.Pushback();
        limits.Pushback();
        Assert.Equal(2, limits.Allowed);
        _time.Advance(TimeSpan.FromSeconds(1.5));
        limits.Pushback();
        Assert.Equal(1, limits.Allowed);
        _time.Advance(TimeSpan.FromSeconds(1.5));
        limits.Pushback();
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
    public async Task Beyond_four_there_are_more_as_long_as_each_brings_more(bool bringsMore, int most)
    {
        SfTransferLimits limits = new(8, time: _time);
        for (int round = 0; round < 20; round++)
        {
            int now = limits.Allowed;
            await TakeAsync(limits, now);
            Task waiting = limits.AcquireAsync(Limit.Token);
            await limits.PaceAsync(bringsMore ? now * 1_000_000 : 4_000_000, Limit.Token);
            _time.Advance(TimeSpan.FromMilliseconds(300));
            for (int i = 0; i < now; i++)
            {
                limits.Release();
            }

            await waiting;
            limits.Release();
        }

        Assert.Equal(most, limits.Allowed);
    }

    [Fact]
    public async Task A_long_window_need_not_end_before_there_is_another_connection()
    {
        SfTransferLimits limits = new(5, time: _time);
        await TakeAsync(limits, 4);
        Task waiting = limits.AcquireAsync(Limit.Token);
        _time.Advance(TimeSpan.FromMilliseconds(99));
        await limits.PaceAsync(1000, Limit.Token);
        Assert.False(waiting.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        await limits.PaceAsync(1000, Limit.Token);
        await waiting;
        Assert.Equal(5, limits.Allowed);
        Task sixth = limits.AcquireAsync(Limit.Token);
        _time.Advance(TimeSpan.FromSeconds(1));
        await limits.PaceAsync(1_000_000, Limit.Token);
        Assert.False(sixth.IsCompleted);
    }

    [Fact]
    public async Task After_too_much_to_do_there_is_one_more_at_two_seconds_and_not_before_and_beyond_four_they_have_to_bring_more_again()
    {
        SfTransferLimits limits = new(6, time: _time);
        limits.Pushback();
        Assert.Equal(2, limits.Allowed);
        _time.Advance(TimeSpan.FromSeconds(1));
        limits.Pushback();
        Assert.Equal(1, limits.Allowed);
        await TakeAsync(limits, 1);
        List<Task> waiting = [.. Enumerable.Range(0, 6).Select(_ => limits.AcquireAsync(Limit.Token))];
        for (int allowed = 1; allowed < 4; allowed++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(1999));
            await limits.PaceAsync(1, Limit.Token);
            Assert.Equal(allowed, limits.Allowed);
            _time.Advance(TimeSpan.FromMilliseconds(1));
            await limits.PaceAsync(1, Limit.Token);
            Assert.Equal(allowed + 1, limits.Allowed);
        }

        _time.Advance(TimeSpan.FromMilliseconds(100));
        await limits.PaceAsync(1000, Limit.Token);
        Assert.Equal(5, limits.Allowed);
        _time.Advance(TimeSpan.FromMilliseconds(100));
        await limits.PaceAsync(1000, Limit.Token);
        Assert.Equal(5, limits.Allowed);
        _time.Advance(TimeSpan.FromMilliseconds(100));
        await limits.PaceAsync(1020, Limit.Token);
        Assert.Equal(6, limits.Allowed);
    }

    [Fact]
    public async Task Who_is_not_waiting_any_more_takes_no_connection_and_who_never_was_asks_for_none()
    {
        SfTransferLimits limits = new(1, time: _time);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => limits.AcquireAsync(new CancellationToken(canceled: true)));
        await TakeAsync(limits, 1);
        using CancellationTokenSource stop = new();
        Task gone = limits.AcquireAsync(stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gone);
        limits.Release();
        await limits.AcquireAsync(Limit.Token).WaitAsync(Limit.Token);
        Assert.False(limits.AcquireAsync(Limit.Token).IsCompleted);
    }

    [Fact]
    public void As_much_comes_at_once_as_a_fifth_of_a_second_allows()
    {
        Assert.Equal(int.MaxValue, new SfTransferLimits(time: _time).MostAtOnce);
        Assert.Equal(200_000, new SfTransferLimits(4, 1_000_000, _time).MostAtOnce);
        Assert.Equal(256, new SfTransferLimits(4, 100, _time).MostAtOnce);
        Assert.Equal(int.MaxValue, new SfTransferLimits(4, long.MaxValue, _time).MostAtOnce);
    }

    [Theory]
    [InlineData(100, 10)]
    [InlineData(1_000_000, 64 * 1024)]
    public async Task A_capped_rate_is_kept_over_any_time(long rate, int piece)
    {
        SfTransferLimits limits = new(4, rate, _time);
        Assert.InRange(limits.MostAtOnce, 1, Math.Max(rate, 256));
        long received = 0;
        DateTimeOffset start = _time.GetUtcNow();
        while (_time.GetUtcNow() - start < TimeSpan.FromSeconds(10))
        {
            ValueTask pace = limits.PaceAsync(piece, Limit.Token);
            received += piece;
            while (!pace.IsCompleted)
            {
                _time.Advance(TimeSpan.FromMilliseconds(5));
            }

            await pace;
        }

        Assert.InRange(received, rate * 9, (rate * 11) + piece);
    }
}
