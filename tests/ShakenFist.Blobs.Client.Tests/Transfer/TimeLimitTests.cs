using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Client.Tests.Transfer;

public sealed class TimeLimitTests
{
    [Fact]
    public void Without_a_limit_it_is_never_reached()
    {
        using TimeLimit limit = new(span: null, TimeProvider.System);
        Assert.False(limit.Token.IsCancellationRequested);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-5)]
    public async Task A_limit_in_the_past_is_already_reached(int seconds)
    {
        using TimeLimit limit = new(TimeSpan.FromSeconds(seconds), TimeProvider.System);
        Assert.True(limit.Token.IsCancellationRequested);
        Assert.False(await limit.DelayAsync(TimeSpan.FromHours(1), TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(60 * 60)]
    [InlineData(60 * 60 * 24)]
    [InlineData(60 * 60 * 24 * 100)]
    public void It_is_reached_at_its_time_however_long_it_is(int seconds)
    {
        ManualClock clock = new();
        using TimeLimit limit = new(TimeSpan.FromSeconds(seconds), clock);
        clock.Advance(TimeSpan.FromSeconds(seconds - 0.5));
        Assert.False(limit.Token.IsCancellationRequested);
        clock.Advance(TimeSpan.FromSeconds(0.5));
        Assert.True(limit.Token.IsCancellationRequested);
    }

    [Fact]
    public void It_is_reached_at_its_time_if_the_timer_runs_early()
    {
        ManualClock clock = new() { RunsEarly = true };
        using TimeLimit limit = new(TimeSpan.FromSeconds(1), clock);
        Assert.False(limit.Token.IsCancellationRequested);
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.True(limit.Token.IsCancellationRequested);
    }

    [Fact]
    public async Task A_pause_is_not_longer_than_the_limit()
    {
        using TimeLimit limit = new(TimeSpan.FromSeconds(0.2), TimeProvider.System);
        Assert.True(await limit.DelayAsync(TimeSpan.FromHours(1), TestContext.Current.CancellationToken));
        Assert.InRange(limit.Elapsed.TotalSeconds, 0.15, 30);
    }

    /// <summary>A clock that is advanced by hand, with one timer. Like a real one, it accepts no time of more than 49 days.</summary>
    private sealed class ManualClock : TimeProvider, ITimer
    {
        private TimeSpan _now;
        private TimeSpan _due;
        private TimerCallback? _callback;

        /// <summary>Whether the timer first runs when it is started.</summary>
        public bool RunsEarly { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _now.Ticks;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            _callback = callback;
            Change(dueTime, period);
            return this;
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            if (dueTime == Timeout.InfiniteTimeSpan)
            {
                _due = TimeSpan.MaxValue;
                return true;
            }

            Assert.InRange(dueTime, TimeSpan.Zero, TimeSpan.FromDays(49));
            _due = _now + dueTime;
            if (RunsEarly)
            {
                RunsEarly = false;
                _callback!(null);
            }

            return true;
        }

        public void Advance(TimeSpan time)
        {
            TimeSpan end = _now + time;
            while (_due <= end)
            {
                _now = _due;
                _due = TimeSpan.MaxValue;
                _callback!(null);
            }

            _now = end;
        }

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
