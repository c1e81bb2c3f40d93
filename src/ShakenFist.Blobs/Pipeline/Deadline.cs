namespace ShakenFist.Blobs.Pipeline;

/// <summary>A point in time up to which a command waits. Uses a clock that is not affected by changes of the system time.</summary>
internal sealed class Deadline(TimeSpan span, TimeProvider time)
{
    private readonly long _started = time.GetTimestamp();

    /// <summary>Gets the time since the wait started.</summary>
    public TimeSpan Elapsed => time.GetElapsedTime(_started);

    /// <summary>Pauses, but not beyond the deadline. Returns false if the deadline has passed.</summary>
    public async Task<bool> DelayAsync(TimeSpan pause, CancellationToken cancellationToken)
    {
        TimeSpan left = span - Elapsed;
        if (left <= TimeSpan.Zero)
        {
            return false;
        }

        await Task.Delay(pause < left ? pause : left, time, cancellationToken).ConfigureAwait(false);
        return true;
    }
}
