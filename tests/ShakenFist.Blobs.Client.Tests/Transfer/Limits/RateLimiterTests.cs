using Microsoft.Extensions.Time.Testing;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Client.Tests;

public sealed class RateLimiterTests
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch);

    [Fact]
    public void One_read_is_at_most_the_bytes_of_a_fifth_of_a_second()
    {
        Assert.Equal(int.MaxValue, new RateLimiter(null, _time).MaxReadSize);
        Assert.Equal(200_000, new RateLimiter(1_000_000, _time).MaxReadSize);
        Assert.Equal(256, new RateLimiter(100, _time).MaxReadSize);
        Assert.Equal(int.MaxValue, new RateLimiter(long.MaxValue, _time).MaxReadSize);
    }

    [Theory]
    [InlineData(100, 10)]
    [InlineData(1_000_000, 64 * 1024)]
    public void The_rate_is_kept_over_any_time(long rate, int bytes)
    {
        RateLimiter limiter = new(rate, _time);
        Assert.InRange(limiter.MaxReadSize, 1, Math.Max(rate, 256));
        long received = 0;
        DateTimeOffset start = _time.GetUtcNow();
        while (_time.GetUtcNow() - start < TimeSpan.FromSeconds(10))
        {
            TimeSpan wait = limiter.Reserve(bytes);
            received += bytes;
            _time.Advance(wait);
        }

        Assert.InRange(received, rate * 9, (rate * 11) + bytes);
    }

    [Fact]
    public void Without_a_limit_there_is_never_a_wait()
    {
        RateLimiter limiter = new(null, _time);
        Assert.Equal(TimeSpan.Zero, limiter.Reserve(int.MaxValue));
        Assert.Equal(TimeSpan.Zero, limiter.Reserve(int.MaxValue));
        Assert.Null(limiter.BytesPerSecond);
    }

    [Fact]
    public void The_wait_is_the_time_that_the_bytes_take_at_the_limit()
    {
        RateLimiter limiter = new(1000, _time);
        Assert.Equal(TimeSpan.FromMilliseconds(500), limiter.Reserve(500));
        _time.Advance(TimeSpan.FromMilliseconds(500));
        Assert.Equal(TimeSpan.FromMilliseconds(125), limiter.Reserve(125));

        // Another transfer receives data before that time is over. The delays add up.
        Assert.Equal(TimeSpan.FromMilliseconds(375), limiter.Reserve(250));
    }

    [Fact]
    public void After_a_pause_the_bytes_of_a_fifth_of_a_second_are_received_without_a_wait_and_no_more()
    {
        RateLimiter limiter = new(1000, _time);
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(TimeSpan.Zero, limiter.Reserve(100));
        Assert.Equal(TimeSpan.Zero, limiter.Reserve(100));
        Assert.Equal(100, limiter.Reserve(100).TotalMilliseconds, tolerance: 0.001);
    }
}
