using System.Globalization;
using System.Net;
using FsCheck;
using FsCheck.Fluent;
using ShakenFist.Blobs.Http;

namespace ShakenFist.Blobs.Client.Tests.Properties;

/// <summary>Tests that retry pauses are bounded for any options, count, and server response.</summary>
public sealed class BackoffProperties
{
    private static readonly DateTimeOffset Now = new(2026, 11, 27, 12, 0, 0, TimeSpan.Zero);

    private static Gen<string> RetryAfter => Gen.OneOf(
        Given.Positive.Select(n => n.ToString(CultureInfo.InvariantCulture)),
        Gen.Choose(-100, 100).Select(n => n.ToString(CultureInfo.InvariantCulture)),
        Gen.Choose(int.MinValue, int.MaxValue).Select(n => Now.AddSeconds(n / 1000.0).ToString("R", CultureInfo.InvariantCulture)),
        Gen.Elements("", " ", "soon", "1.5", "1e9", "0x10", "9999999999999999999999", "Fri, 31 Dec 9999 23:59:59 GMT", "Mon, 01 Jan 0001 00:00:00 GMT", "1, 2", "\u0661"),
        WrittenJsonProperties.Text.Where(t => !t.Contains('\n') && !t.Contains('\r') && !t.Contains('\0')));

    [Cases(1000)]
    public Property Pauses_grow_up_to_the_maximum() =>
        Prop.ForAll(Given.Positive.ToArbitrary(), Gen.OneOf(Gen.Choose(1, 12), Gen.Elements(31, 32, 63, 64, 65, 1100, int.MaxValue)).ToArbitrary(), (ticks, repetition) =>
        {
            TimeSpan pause = Backoff.Pause(TimeSpan.FromTicks(ticks), repetition);
            Assert.InRange(pause, TimeSpan.Zero, Backoff.Longest);
            double exact = ticks * Math.Pow(2, repetition - 1);
            return exact >= Backoff.Longest.Ticks ? pause == Backoff.Longest : pause.Ticks == (long)exact;
        });

    [Theory]
    [InlineData(0)]
    [InlineData(-5)]
    public void No_first_pause_means_no_pause(int seconds) => Assert.Equal(TimeSpan.Zero, Backoff.Pause(TimeSpan.FromSeconds(seconds), int.MaxValue));

    [Cases(1000)]
    public Property The_pause_is_that_of_Retry_After_up_to_the_maximum_or_the_default() =>
        Prop.ForAll(RetryAfter.ToArbitrary(), text =>
        {
            using HttpResponseMessage answer = new(HttpStatusCode.ServiceUnavailable);
            answer.Headers.TryAddWithoutValidation("Retry-After", text);
            TimeSpan? asked = Backoff.Asked(answer.Headers.RetryAfter, Now);
            if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int seconds) && seconds > 0)
            {
                Assert.Equal(Math.Min(seconds, Backoff.Longest.TotalSeconds), asked?.TotalSeconds);
            }

            return asked is null || (asked > TimeSpan.Zero && asked <= Backoff.Longest);
        });

    [Fact]
    public void Without_a_valid_Retry_After_the_default_pause_is_used() => Assert.Null(Backoff.Asked(null, Now));
}
