using System.Text;
using ShakenFist.Blobs.Emulator;

namespace ShakenFist.Blobs.Client.Tests;

public sealed class RequestTests
{
    [Fact]
    public async Task Every_request_has_the_required_headers_and_has_a_body_only_if_needed()
    {
        await using Download download = await Download.StartAsync(10_000);
        download.Namespace = "system";
        await download.SavesAsync();
        SfSession session = await download.Cluster.ConnectAsync();
        await foreach (SfBlob blob in session.ListBlobsAsync(NullLog.Instance, Limit.Token))
        {
            Assert.Equal(download.Blob.Uuid, blob.Uuid);
        }

        IReadOnlyList<RequestRecord> requests = download.Cluster.Emulator.Requests;
        Assert.Equal(7, requests.Count);
        Assert.All(requests, r =>
        {
            Assert.StartsWith("application/json", Assert.Single(r.Headers["Accept"]), StringComparison.Ordinal);
            Assert.DoesNotContain("html", r.Headers["Accept"][0], StringComparison.Ordinal);
            Assert.StartsWith("ShakenFist.Blobs/", Assert.Single(r.Headers["User-Agent"]), StringComparison.Ordinal);
            Assert.Equal(r.Headers["X-Request-ID"][0], Guid.Parse(r.Headers["X-Request-ID"][0]).ToString("D"));
            Assert.Equal(r.Method == "POST", r.Headers.ContainsKey("Content-Type"));
            Assert.Equal(r.Method == "POST", r.Body.Length > 0);
            Assert.Equal(r.Path is not ("/" or "/auth"), r.Headers.ContainsKey("Authorization"));
            Assert.DoesNotContain(r.Headers.Keys, name => name is "Cookie" or "Expect" or "Accept-Encoding" or "Range");
        });
        Assert.Equal(7, requests.Select(r => r.Headers["X-Request-ID"][0]).Distinct().Count());
        Assert.Equal($$"""{"namespace":"system","key":"{{Cluster.Key}}"}""", Encoding.UTF8.GetString(requests.First(r => r.Method == "POST").Body.Span));
    }

    [Fact]
    public async Task No_log_message_contains_the_key_or_a_token()
    {
        await using Download download = await Download.StartAsync(100_000);
        download.With(new Fault { Kind = FaultKind.CutAfter, AfterBytes = 50_000 }).With(new Fault { Kind = FaultKind.ExpireToken });
        await download.SavesAsync();
        string[] tokens = [.. download.Cluster.Emulator.Requests.Where(r => r.Headers.ContainsKey("Authorization")).Select(r => r.Headers["Authorization"][0]["Bearer ".Length..]).Distinct()];
        Assert.Equal(2, tokens.Length);
        string everything = download.Cluster.Log.Everything;
        Assert.DoesNotContain(Cluster.Key, everything, StringComparison.Ordinal);
        Assert.DoesNotContain("Authorization", everything, StringComparison.OrdinalIgnoreCase);
        Assert.All(tokens, token => Assert.DoesNotContain(token, everything, StringComparison.Ordinal));
        Assert.NotEmpty(download.Cluster.Log.Debugs);
    }

    [Fact]
    public async Task Each_request_is_one_message_with_method_path_status_time_and_id()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        await cluster.ConnectAsync();
        string[] lines = [.. cluster.Log.Verboses];
        Assert.Equal(2, lines.Length);
        Assert.Matches("^GET / 200 in [0-9]+ ms, request id [0-9a-f-]{36}$", lines[0]);
        Assert.Matches("^POST /auth 200 in [0-9]+ ms, request id [0-9a-f-]{36}$", lines[1]);
        Assert.Equal(cluster.Emulator.Requests.Select(r => r.Headers["X-Request-ID"][0]), lines.Select(l => l[^36..]));
    }

    [Fact]
    public async Task A_malicious_request_id_or_header_cannot_control_a_terminal()
    {
        await using RawServer server = RawServer.StartCluster(x => x.SendAsync("{}", status: 500, headers: "X-Request-ID: \u001b[2Jx\u0007\r\nRetry-After: \u001b[1m\r\n"));
        RecordingLog log = new();
        using SfSession session = await Cluster.ConnectAsync(server.Url, null, "system", false, Cluster.Key, log);
        SfException e = await Assert.ThrowsAsync<SfException>(() => session.GetBlobAsync(Guid.NewGuid(), log, Limit.Token));
        Assert.DoesNotContain(e.Message + e.RequestId, char.IsControl);
        Assert.DoesNotContain(log.Everything.Replace("\n", "", StringComparison.Ordinal), char.IsControl);
    }
}
