namespace ShakenFist.Blobs.Tests.Hosting;

/// <summary>Waits for a condition that another thread fulfills without a notification. Polls it, with a time limit.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    public static async Task TrueAsync(Func<bool> condition)
    {
        long start = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(start) < Limit, "It did not happen in time.");
            await Task.Yield();
        }
    }
}
