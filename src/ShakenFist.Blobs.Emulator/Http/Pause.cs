namespace ShakenFist.Blobs.Emulator;

/// <summary>Waiting that ends, without an exception, when the client goes.</summary>
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
