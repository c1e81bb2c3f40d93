using System.Globalization;
using Microsoft.Extensions.Time.Testing;
using ShakenFist.Blobs.Http;

namespace ShakenFist.Blobs.Client.Tests;

public sealed class RetryAfterTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 27, 12, 0, 0, TimeSpan.Zero);

    private static string Date(double seconds) => Now.AddSeconds(seconds).ToString("R", CultureInfo.InvariantCulture);

    public static TheoryData<string?, double?> Cases => new()
    {
        { "7", 7 },
        { "30", 30 },
        { "31", 30 },
        { "100000", 30 },
        { Date(12), 12 },
        { Date(1e6), 30 },
        { Date(0), null },
        { Date(-60), null },
        { "0", null },
        { "-5", null },
        { "1.5", null },
        { "soon", null },
        { "99999999999999999999", null },
        { "", null },
        { null, null },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task An_error_contains_the_pause_that_the_server_requests(string? header, double? seconds)
    {
        SfTransportOptions options = Cluster.Quick with { TimeProvider = new FakeTimeProvider(Now) };
        using SfSession session = await ScriptedCluster.ConnectAsync(
            _ =>
            {
                HttpResponseMessage answer = ScriptedCluster.Text("""{"error": "busy"}""", 503);
                if (header is not null)
                {
                    Assert.True(answer.Headers.TryAddWithoutValidation("Retry-After", header));
                }

                return answer;
            },
            options);
        ApiRequest request = new(HttpMethod.Get, session.Routes.Blobs) { SingleAttempt = true };
        SfException e = await SfAssert.ThrowsAsync(SfErrors.ServerUnavailable, () => session.SendAsync(request, NullLog.Instance, Limit.Token));
        Assert.Equal(seconds, e.RetryAfter?.TotalSeconds);
    }
}
