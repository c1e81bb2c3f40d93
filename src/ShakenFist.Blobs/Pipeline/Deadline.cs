namespace ShakenFist.Blobs.Pipeline;

/// <summary>A point in time, by a clock that nobody can set, up to which something is waited for.</summary>
internal sealed class Deadline(TimeSpan span, TimeProvider time)
{
    private readonly long _started = time.GetTimestamp();

    /// <summary>Time since the waiting began.</summary>
    public TimeSpan Elapsed => time.GetElapsedTime(_started);

    /// <summary>Pauses, but not past the deadline. False when it is over.</summary>
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
