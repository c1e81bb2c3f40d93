using Microsoft.Extensions.Time.Testing;

namespace ShakenFist.Blobs.Client.Tests;

/// <summary>Time that passes as fast as it can.</summary>
internal static class FakeTime
{
    /// <summary>Lets the clock run until the work is done, a step at each look.</summary>
    public static async Task<T> WaitAdvancingAsync<T>(this Task<T> work, FakeTimeProvider time, Func<TimeSpan>? step = null)
    {
        CancellationToken limit = Limit.Token;
        while (!work.IsCompleted)
        {
            limit.ThrowIfCancellationRequested();
            time.Advance(step?.Invoke() ?? TimeSpan.FromMilliseconds(10));
            await Task.Yield();
        }

        return await work;
    }
}
