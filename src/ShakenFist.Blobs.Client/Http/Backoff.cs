using System.Net.Http.Headers;

namespace ShakenFist.Blobs.Http;

/// <summary>
/// How long to wait before something is tried again. Compiled into the retrying handler as well, which lives in another load context and shares only .NET's own types.
/// </summary>
internal static class Backoff
{
    /// <summary>No pause is longer, whoever asks for it.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    /// <summary>The pause before an attempt is repeated: the first one, and twice as long each time.</summary>
    /// <param name="first">The first pause.</param>
    /// <param name="repetition">Which repetition it is, from 1 on.</param>
    public static TimeSpan Pause(TimeSpan first, int repetition) =>
        TimeSpan.FromTicks((long)Math.Clamp(first.Ticks * Math.Pow(2, Math.Min(repetition - 1, 62)), 0, Longest.Ticks));

    /// <summary>The pause that a server asks for, within reason; null if it asks for none.</summary>
    /// <param name="asked">Its Retry-After; null where there is none, or none that can be read.</param>
    /// <param name="now">The time, since it may name one.</param>
    public static TimeSpan? Asked(RetryConditionHeaderValue? asked, DateTimeOffset now)
    {
        TimeSpan? pause = asked?.Delta ?? asked?.Date - now;
        return pause > TimeSpan.Zero ? TimeSpan.FromTicks(Math.Min(pause.Value.Ticks, Longest.Ticks)) : null;
    }
}
