namespace ShakenFist.Blobs.Transfer;

/// <summary>The time limit of a whole command, measured from its creation by a clock that is not affected by changes of the system time.</summary>
internal sealed class TimeLimit : IDisposable
{
    // A timer cannot run longer than 49 days, so a longer limit needs several timers.
    private static readonly TimeSpan MaxTimer = TimeSpan.FromDays(1);

    private readonly TimeProvider _time;
    private readonly long _started;
    private readonly TimeSpan? _span;
    private readonly CancellationTokenSource _reached = new();
    private readonly ITimer? _timer;

    /// <summary>Starts to measure.</summary>
    /// <param name="span">The time limit, or null for none. With zero or less, it is already reached.</param>
    /// <param name="time">The clock.</param>
    public TimeLimit(TimeSpan? span, TimeProvider time)
    {
        _time = time;
        _started = time.GetTimestamp();
        _span = span;
        if (span <= TimeSpan.Zero)
        {
            _reached.Cancel();
        }
        else if (span is { } left)
        {
            // Started only when the field is set, because the callback can run immediately.
            _timer = time.CreateTimer(_ => OnTimer(), state: null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _timer.Change(NextTimer(left), Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Gets a token that is canceled when the limit is reached.</summary>
    public CancellationToken Token => _reached.Token;

    /// <summary>Gets the time since the start.</summary>
    public TimeSpan Elapsed => _time.GetElapsedTime(_started);

    /// <summary>Pauses, but not beyond the limit. Returns false if the limit is already reached.</summary>
    public async Task<bool> DelayAsync(TimeSpan pause, CancellationToken cancellationToken)
    {
        TimeSpan left = Left ?? pause;
        if (left <= TimeSpan.Zero)
        {
            return false;
        }

        await Task.Delay(pause < left ? pause : left, _time, cancellationToken).ConfigureAwait(false);
        return true;
    }

    public void Dispose()
    {
        _timer?.Dispose();
        _reached.Dispose();
    }

    private TimeSpan? Left => _span - Elapsed;

    private static TimeSpan NextTimer(TimeSpan left) => left < MaxTimer ? left : MaxTimer;

    private void OnTimer()
    {
        try
        {
            if (Left is { } left && left > TimeSpan.Zero)
            {
                _timer!.Change(NextTimer(left), Timeout.InfiniteTimeSpan);
                return;
            }

            _reached.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The command ended at the same moment.
        }
    }
}
