using System.Net.Http.Headers;

namespace ShakenFist.Blobs.Http;

/// <summary>
/// Determines the pause before a retry. Also compiled into the retrying handler, which is in another load context and shares only .NET types.
/// </summary>
internal static class Backoff
{
    /// <summary>The maximum pause, also for pauses that a server requests.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    /// <summary>Gets the pause before a retry. It doubles with each retry.</summary>
    /// <param name="first">The first pause.</param>
    /// <param name="repetition">The number of the retry, from 1.</param>
    public static TimeSpan Pause(TimeSpan first, int repetition) =>
        TimeSpan.FromTicks((long)Math.Clamp(first.Ticks * Math.Pow(2, Math.Min(repetition - 1, 62)), 0, Longest.Ticks));

    /// <summary>Gets the pause that a server requests, limited to the maximum. Null if it requests none.</summary>
    /// <param name="asked">The Retry-After header. Null if there is none or it is not valid.</param>
    /// <param name="now">The current time, because the header can contain a date.</param>
    public static TimeSpan? Asked(RetryConditionHeaderValue? asked, DateTimeOffset now)
    {
        TimeSpan? pause = asked?.Delta ?? asked?.Date - now;
        return pause > TimeSpan.Zero ? TimeSpan.FromTicks(Math.Min(pause.Value.Ticks, Longest.Ticks)) : null;
    }
}
