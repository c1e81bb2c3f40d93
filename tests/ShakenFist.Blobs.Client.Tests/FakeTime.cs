using Microsoft.Extensions.Time.Testing;

namespace ShakenFist.Blobs.Client.Tests;

/// <summary>Advances a fake clock as fast as possible.</summary>
internal static class FakeTime
{
    /// <summary>Advances the clock step by step until the task completes.</summary>
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
