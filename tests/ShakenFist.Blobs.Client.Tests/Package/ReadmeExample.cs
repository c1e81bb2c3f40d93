using System.Net;

namespace ShakenFist.Blobs.Client.Tests;

/// <summary>The code of the package README. It is compiled and run.</summary>
internal static class ReadmeExample
{
    public static async Task<SfBlobSaveResult> SaveAsync(Uri url, string key, Guid uuid, string path, CancellationToken stop)
    {
        using SfSession session = await SfSession.ConnectAsync(
            new SfConnectionSettings(url, "backup", key, source: "my program"),
            new SfTransportOptions(),
            wrap: sockets => new RetryHandler(sockets),
            NullLog.Instance,
            stop);

        SfBlob blob = await session.GetBlobAsync(uuid, NullLog.Instance, stop);
        SfBlobSaveResult saved = await session.SaveBlobDataAsync(
            blob,
            path,
            new SfBlobSaveOptions { Verification = SfVerificationPolicy.Required },
            NullLog.Instance,
            stop);
        return saved;
    }
}

internal sealed class RetryHandler(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    private const int Attempts = 4;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        for (int attempt = 1; ; attempt++)
        {
            HttpResponseMessage answer = await base.SendAsync(request, cancellationToken);
            if (attempt == Attempts || request.Method != HttpMethod.Get || answer.StatusCode != HttpStatusCode.ServiceUnavailable)
            {
                return answer;
            }

            TimeSpan pause = answer.Headers.RetryAfter?.Delta ?? TimeSpan.FromSeconds(attempt);
            answer.Dispose();
            await Task.Delay(pause, cancellationToken);
        }
    }
}
