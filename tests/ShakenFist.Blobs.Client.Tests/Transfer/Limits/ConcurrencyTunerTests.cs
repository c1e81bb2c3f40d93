using Microsoft.Extensions.Time.Testing;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Client.Tests;

public sealed class ConcurrencyTunerTests
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch);

    private bool AdjustAfter(ConcurrencyTuner tuner, double milliseconds, int received, bool isNeeded = true)
    {
        _time.Advance(TimeSpan.FromMilliseconds(milliseconds));
        tuner.Record(received);
        return tuner.Adjust(isNeeded);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 3)]
    [InlineData(4, 4)]
    [InlineData(16, 4)]
    public void It_starts_with_the_default_or_the_maximum_if_that_is_less(int max, int expected) =>
        Assert.Equal(expected, new ConcurrencyTuner(max, _time).Allowed);

    [Fact]
    public void An_overload_halves_the_number_at_most_once_a_second_and_leaves_one()
    {
        ConcurrencyTuner tuner = new(16, _time);
        tuner.OnThrottled();
        Assert.Equal(2, tuner.Allowed);
        _time.Advance(TimeSpan.FromMilliseconds(999));
        tuner.OnThrottled();
        Assert.Equal(2, tuner.Allowed);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        tuner.OnThrottled();
        Assert.Equal(1, tuner.Allowed);
        _time.Advance(TimeSpan.FromSeconds(1));
        tuner.OnThrottled();
        Assert.Equal(1, tuner.Allowed);
    }

    [Fact]
    public void Below_the_default_it_adds_one_every_two_seconds_whatever_the_throughput()
    {
        ConcurrencyTuner tuner = new(8, _time);
        tuner.OnThrottled();
        Assert.False(AdjustAfter(tuner, 1999, received: 1_000_000));
        Assert.True(AdjustAfter(tuner, 1, received: 0));
        Assert.Equal(3, tuner.Allowed);
        Assert.False(AdjustAfter(tuner, 1999, received: 0));
        Assert.True(AdjustAfter(tuner, 1, received: 0));
        Assert.Equal(4, tuner.Allowed);
    }

    [Fact]
    public void Above_the_default_it_adds_one_every_tenth_of_a_second_while_the_throughput_rises_by_two_percent()
    {
        ConcurrencyTuner tuner = new(8, _time);
        Assert.False(AdjustAfter(tuner, 99, received: 100_000));
        Assert.True(AdjustAfter(tuner, 1, received: 0));
        Assert.Equal(5, tuner.Allowed);
        Assert.False(AdjustAfter(tuner, 100, received: 101_999));
        Assert.Equal(5, tuner.Allowed);

        // Compared with the best throughput, not with the last one.
        Assert.False(AdjustAfter(tuner, 100, received: 50_000));
        Assert.False(AdjustAfter(tuner, 100, received: 103_000));
        Assert.True(AdjustAfter(tuner, 100, received: 106_000));
        Assert.Equal(6, tuner.Allowed);
    }

    [Fact]
    public void It_never_exceeds_the_maximum_and_adds_a_connection_only_if_a_caller_waits()
    {
        ConcurrencyTuner tuner = new(5, _time);
        Assert.False(AdjustAfter(tuner, 1000, received: 1, isNeeded: false));
        Assert.Equal(4, tuner.Allowed);
        Assert.True(AdjustAfter(tuner, 0, received: 1));
        Assert.False(AdjustAfter(tuner, 1000, received: 1_000_000_000));
        Assert.Equal(5, tuner.Allowed);
    }

    [Fact]
    public void It_is_due_a_tenth_of_a_second_after_the_last_change_unless_the_maximum_is_reached()
    {
        ConcurrencyTuner tuner = new(5, _time);
        _time.Advance(TimeSpan.FromMilliseconds(99));
        Assert.False(tuner.IsDue);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True(tuner.IsDue);
        Assert.True(tuner.Adjust(isNeeded: true));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(tuner.IsDue);
        tuner.OnThrottled();
        Assert.False(tuner.IsDue);
        _time.Advance(TimeSpan.FromMilliseconds(100));
        Assert.True(tuner.IsDue);
    }
}
