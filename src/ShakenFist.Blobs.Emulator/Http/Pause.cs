namespace ShakenFist.Blobs.Emulator;

/// <summary>Waits, and returns early without an exception if the client disconnects.</summary>
internal static class Pause
{
    public static async Task ForAsync(TimeSpan time, CancellationToken gone)
    {
        if (time > TimeSpan.Zero || time == Timeout.InfiniteTimeSpan)
        {
            await Task.Delay(time, gone).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
