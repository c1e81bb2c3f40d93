using System.Globalization;
using System.Net;
using FsCheck;
using FsCheck.Fluent;
using ShakenFist.Blobs.Http;

namespace ShakenFist.Blobs.Client.Tests.Properties;

/// <summary>Pauses before something is tried again: bounded, whatever the options, the count or the server say.</summary>
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
    public Property A_pause_grows_from_the_first_one_and_is_never_longer_than_the_longest() =>
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
    public Property Whatever_Retry_After_says_the_pause_is_the_one_asked_for_or_the_longest_or_our_own() =>
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
    public void A_server_that_asks_for_nothing_that_can_be_read_gets_our_own_pause() => Assert.Null(Backoff.Asked(null, Now));
}
