using Microsoft.Extensions.Time.Testing;
using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Http;

namespace ShakenFist.Blobs.Client.Tests;

public sealed class SessionTests
{
    private static readonly Guid Uuid = Guid.NewGuid();

    private static async Task<Cluster> StartAsync(Func<EmulatorOptions, EmulatorOptions>? change = null)
    {
        Cluster cluster = await Cluster.StartAsync(change: change);
        cluster.State.AddBlob(EmulatedBlob.FromBytes([1, 2, 3], Uuid));
        return cluster;
    }

    private static Task<SfBlob> GetAsync(SfSession session, Cluster cluster) => session.GetBlobAsync(Uuid, cluster.Log, Limit.Token);

    private static async Task<int> ListAsync(SfSession session, Cluster cluster)
    {
        int count = 0;
        await foreach (SfBlob blob in session.ListBlobsAsync(cluster.Log, Limit.Token))
        {
            count += blob.Size > 0 ? 1 : 0;
        }

        return count;
    }

    [Fact]
    public async Task Connecting_reads_the_root_page_and_authenticates_once()
    {
        await using Cluster cluster = await StartAsync(o => o with { BasePath = "/api" });
        SfSession session = await cluster.ConnectAsync();
        Assert.Equal(["GET /", "POST /auth"], cluster.Emulator.Requests.Select(r => $"{r.Method} {r.Path}"));
        Assert.True(session.Capabilities.Has("blob-data-limit"));
        Assert.Equal("system", session.Namespace);
        Assert.Equal("the test", session.Source);
        Assert.True(session.IsConnected);
        Assert.Null(session.Proxy);
        Assert.InRange(session.TokenExpiresAt!.Value, session.ConnectedAt, session.ConnectedAt.AddMinutes(16));
        Assert.Equal($"{cluster.Emulator.Url} as system", session.ToString());
        Assert.Equal(3, (await GetAsync(session, cluster)).Size);
        Assert.Equal(1, await ListAsync(session, cluster));
    }

    [Fact]
    public async Task An_https_url_of_an_http_server_is_named_in_the_message()
    {
        await using Cluster cluster = await StartAsync();
        await using RawServer server = RawServer.StartBare(async exchange =>
        {
            await exchange.UntilSpokenToAsync();
            await exchange.WriteAsync("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        }, "https");
        SfException e = await SfAssert.ThrowsAsync(SfErrors.TlsFailed, () => cluster.ConnectAsync(url: server.Url));
        Assert.Contains("the response does not use TLS. If the server uses http, specify an http URL.", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("system", "", "NotConfigured", "the key of namespace 'system' is empty")]
    [InlineData("", Cluster.Key, "NotConfigured", "the namespace is empty")]
    [InlineData("日本", Cluster.Key, "NamespaceNotFound", "contains the character U+65E5")]
    [InlineData("a😀", Cluster.Key, "NamespaceNotFound", "contains the character U+1F600")]
    [InlineData("a\ud83d", Cluster.Key, "NamespaceNotFound", "contains the character U+FFFD")]
    public async Task A_namespace_or_key_that_no_cluster_accepts_is_reported_before_a_request(string name, string key, string id, string reason)
    {
        await using Cluster cluster = await StartAsync();
        SfException e = await Assert.ThrowsAsync<SfException>(() => cluster.ConnectAsync(@namespace: name, resilient: true, key: key));
        Assert.Equal(id, e.Error.Id);
        Assert.Contains(reason, e.Message, StringComparison.Ordinal);
        Assert.Contains("the test", e.Message, StringComparison.Ordinal);
        Assert.Empty(cluster.Emulator.Requests);
    }

    [Fact]
    public async Task A_namespace_with_a_character_of_Latin_1_is_sent()
    {
        await using Cluster cluster = await StartAsync();
        cluster.State.AddNamespace("größe", Cluster.Key);
        Assert.Equal("größe", (await cluster.ConnectAsync(@namespace: "größe")).Namespace);
    }

    [Theory]
    [InlineData("/api")]
    [InlineData("/api/")]
    public async Task A_front_end_that_redirects_the_path_without_a_slash_is_connected_to(string path)
    {
        await using RawServer front = RawServer.Start(exchange => exchange.Path switch
        {
            "/api" => exchange.SendAsync("", "text/html", 301, $"Location: http://{exchange.Head.Split("Host: ")[1].Split('\r')[0]}/api/\r\n"),
            "/api/" => exchange.SendAsync("<ul><li>blobs: blob-data-limit</ul>", "text/html"),
            "/api/auth" => exchange.SendAsync("""{"access_token": "t0k3n", "token_type": "Bearer", "expires_in": 86400}"""),
            _ => exchange.SendAsync("", status: 404),
        });
        await using Cluster cluster = await StartAsync();
        SfSession session = await cluster.ConnectAsync(url: new Uri(front.Url, path));
        Assert.True(session.Capabilities.Has("blob-data-limit"));
        Assert.All(front.Heads, head => Assert.StartsWith("/api/", head.Split(' ')[1], StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_very_old_server_that_announces_nothing_is_connected_to()
    {
        await using Cluster cluster = await StartAsync(o => o with { TextOnlyRoot = true });
        SfSession session = await cluster.ConnectAsync();
        Assert.Empty(session.Capabilities.Families);
        Assert.Equal(3, (await GetAsync(session, cluster)).Size);
    }

    [Fact]
    public async Task Twenty_requests_with_an_expired_token_authenticate_once_and_continue()
    {
        await using Cluster cluster = await StartAsync();
        SfSession session = await cluster.ConnectAsync();
        cluster.Emulator.ExpireTokens();
        SfBlob[] blobs = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => GetAsync(session, cluster)));
        Assert.All(blobs, blob => Assert.Equal(Uuid, blob.Uuid));
        Assert.Equal(2, cluster.Count("POST", "/auth"));
        Assert.Equal(2, session.AuthenticationCount);
    }

    [Fact]
    public async Task A_token_that_is_always_rejected_is_reported_after_one_more_authentication()
    {
        await using Cluster cluster = await StartAsync();
        SfSession session = await cluster.ConnectAsync();
        cluster.Faults.Add(new Fault { Path = "/blobs/*", Kind = FaultKind.ExpireToken, Times = int.MaxValue });
        SfException e = await SfAssert.ThrowsAsync(SfErrors.TokenRejected, () => GetAsync(session, cluster));
        Assert.Equal(401, e.StatusCode);
        Assert.Equal(2, cluster.Count("POST", "/auth"));
        Assert.Equal(2, cluster.Count("GET", Uuid.ToString()));
    }

    [Fact]
    public async Task Listing_in_another_namespace_reports_AdministratorRequired()
    {
        await using Cluster cluster = await StartAsync();
        SfSession session = await cluster.ConnectAsync(@namespace: "banana");
        SfException e = await SfAssert.ThrowsAsync(SfErrors.AdministratorRequired, () => ListAsync(session, cluster));
        Assert.Contains("system namespace", e.Message, StringComparison.Ordinal);
        Assert.Equal(2, cluster.Count("GET", "/blobs"));
        Assert.Equal(2, cluster.Count("POST", "/auth"));
        Assert.Equal(3, (await GetAsync(session, cluster)).Size);
    }

    [Fact]
    public async Task A_redirect_to_the_root_is_an_expired_token_and_its_page_is_never_read()
    {
        await using Cluster cluster = await StartAsync();
        SfSession session = await cluster.ConnectAsync();
        cluster.Faults.Add(new Fault { Path = "/blobs/*", Kind = FaultKind.Redirect, Location = "/" });
        Assert.Equal(3, (await GetAsync(session, cluster)).Size);
        Assert.Equal(2, cluster.Count("POST", "/auth"));
        cluster.Faults.Add(new Fault { Path = "/blobs/*", Kind = FaultKind.Redirect, Location = "/", Times = int.MaxValue });
        await SfAssert.ThrowsAsync(SfErrors.UnexpectedRedirect, () => GetAsync(session, cluster));
        Assert.Equal(3, cluster.Count("POST", "/auth"));
        Assert.Equal(1, cluster.Emulator.Requests.Count(r => r.Path == "/"));
    }

    [Theory]
    [InlineData(301, "/blobs")]
    [InlineData(302, "/elsewhere")]
    [InlineData(302, "http://elsewhere.invalid/")]
    [InlineData(307, "/")]
    [InlineData(308, "//")]
    [InlineData(302, "http:///")]
    [InlineData(302, "http://[::1")]
    [InlineData(302, "")]
    [InlineData(302, "///\u0007")]
    public async Task Any_other_redirect_is_an_error_and_is_not_followed(int status, string location)
    {
        await using RawServer server = RawServer.StartCluster(x => x.SendAsync("", "text/html", status, $"Location: {location}\r\n"));
        using SfSession session = await Cluster.ConnectAsync(server.Url, null, "system", false, Cluster.Key, NullLog.Instance);
        SfException e = await SfAssert.ThrowsAsync(SfErrors.UnexpectedRedirect, () => session.GetBlobAsync(Uuid, NullLog.Instance, Limit.Token));
        Assert.Equal(status, e.StatusCode);
        Assert.NotNull(e.RequestId);
        Assert.Equal(3, server.Heads.Count);
    }

    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task A_base_url_that_has_moved_on_its_host_is_followed_once(int status)
    {
        await using Cluster cluster = await StartAsync(o => o with { BasePath = "/api" });
        await using RawServer old = RawServer.Start(x => x.SendAsync("", "text/html", status, $"Location: {cluster.Emulator.Url}/?q#f\r\n"));
        SfSession session = await cluster.ConnectAsync(url: old.Url);
        Assert.Equal(new Uri(cluster.Emulator.Url + "/"), session.ApiUrl);
        Assert.Single(cluster.Log.Verboses, line => line.Contains($"redirects to {session.ApiUrl}", StringComparison.Ordinal));
        Assert.Equal(3, (await GetAsync(session, cluster)).Size);
        Assert.Single(old.Heads);
    }

    [Theory]
    [InlineData("http://localhost:{0}/", "http://localhost:{0}")]
    [InlineData("http://elsewhere.invalid/", "http://elsewhere.invalid")]
    [InlineData("http://user@127.0.0.1:{0}/", "http://127.0.0.1:{0}")]
    [InlineData("ftp://127.0.0.1:{0}/", "ftp://127.0.0.1:{0}")]
    [InlineData("file:///etc/passwd", "file://")]
    [InlineData("http:///", "an address that is not valid")]
    public async Task A_base_url_that_has_moved_anywhere_else_is_rejected(string location, string shown)
    {
        await using Cluster cluster = await StartAsync();
        string target = string.Format(System.Globalization.CultureInfo.InvariantCulture, location, cluster.Emulator.Url.Port);
        await using RawServer old = RawServer.Start(x => x.SendAsync("", "text/html", 301, $"Location: {target}\r\n"));
        SfException e = await SfAssert.ThrowsAsync(SfErrors.UnexpectedRedirect, () => cluster.ConnectAsync(url: old.Url));
        shown = string.Format(System.Globalization.CultureInfo.InvariantCulture, shown, cluster.Emulator.Url.Port);
        Assert.Contains($"redirects to {shown} (", e.Message, StringComparison.Ordinal);
        Assert.Equal(301, e.StatusCode);
        Assert.Contains(e.RequestId!, e.Message, StringComparison.Ordinal);
        Assert.Empty(cluster.Emulator.Requests);
        Assert.Single(old.Heads);
    }

    [Fact]
    public async Task A_second_redirect_of_the_base_URL_is_rejected()
    {
        await using RawServer server = RawServer.Start(x => x.SendAsync("", "text/html", 301, "Location: /again\r\n"));
        await SfAssert.ThrowsAsync(SfErrors.UnexpectedRedirect, () => Cluster.ConnectAsync(server.Url, null, "system", false, Cluster.Key, NullLog.Instance));
        Assert.Equal(2, server.Heads.Count);
    }

    [Fact]
    public async Task An_optional_request_is_sent_only_with_a_valid_token()
    {
        FakeTimeProvider time = new(DateTimeOffset.UnixEpoch);
        await using Cluster cluster = await StartAsync();
        SfSession session = await cluster.ConnectAsync(Cluster.Quick with { TimeProvider = time });
        ApiRequest request = new(HttpMethod.Get, session.Routes.Blob(Uuid)) { PresentTokenOnly = true };
        Assert.True(session.HasLiveToken);
        (await session.SendAsync(request, cluster.Log, Limit.Token)).Dispose();
        cluster.Emulator.ExpireTokens();
        await SfAssert.ThrowsAsync(SfErrors.TokenRejected, () => session.SendAsync(request, cluster.Log, Limit.Token));
        time.Advance(TimeSpan.FromDays(1));
        Assert.False(session.HasLiveToken);
        cluster.Emulator.ClearRequests();
        await SfAssert.ThrowsAsync(SfErrors.TokenRejected, () => session.SendAsync(request, cluster.Log, Limit.Token));
        Assert.Empty(cluster.Emulator.Requests);
        Assert.Equal(3, (await GetAsync(session, cluster)).Size);
        Assert.True(session.HasLiveToken);
        session.Dispose();
        Assert.False(session.HasLiveToken);
    }

    [Theory]
    [InlineData("GET", true, 3)]
    [InlineData("POST", true, 3)]
    [InlineData("POST", false, 1)]
    public async Task A_truncated_response_is_requested_again_if_the_request_is_repeatable(string method, bool repeatable, int times)
    {
        await using RawServer server = RawServer.StartCluster(x => x.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{"));
        RecordingLog log = new();
        using SfSession session = await Cluster.ConnectAsync(server.Url, null, "system", false, Cluster.Key, log);
        ApiRequest request = new(new HttpMethod(method), session.Routes.Blob(Uuid)) { Repeatable = repeatable };
        SfException e = await SfAssert.ThrowsAsync(SfErrors.InvalidResponse, () => session.ReadAsync(request, _ => true, log, Limit.Token));
        Assert.IsType<IOException>(e.InnerException, exactMatch: false);
        Assert.Equal(2 + times, server.Heads.Count);
        Assert.Equal(times - 1, log.Verboses.Count(line => line.Contains("Sending the request again", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task The_pause_between_attempts_grows()
    {
        FakeTimeProvider time = new(DateTimeOffset.UnixEpoch);
        int asked = 0;
        using SfSession session = await ScriptedCluster.ConnectAsync(
            _ => ScriptedCluster.Text(++asked < 3 ? "{" : "{}"), Cluster.Quick with { TimeProvider = time, RetryDelay = TimeSpan.FromSeconds(1) });
        Task<bool> reading = session.ReadAsync(
            new ApiRequest(HttpMethod.Get, session.Routes.Blob(Uuid)), utf8 => utf8.Length == 2 ? true : throw new System.Text.Json.JsonException(), NullLog.Instance, Limit.Token);
        Assert.Equal(1, asked);
        time.Advance(Backoff.Pause(TimeSpan.FromSeconds(1), 2) - TimeSpan.FromMilliseconds(1));
        Assert.Equal(1, asked);
        time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(2, asked);
        time.Advance(Backoff.Pause(TimeSpan.FromSeconds(1), 3));
        Assert.True(await reading);
    }

    [Fact]
    public async Task A_closed_session_sends_no_requests()
    {
        await using Cluster cluster = await StartAsync();
        SfSession session = await cluster.ConnectAsync();
        session.Dispose();
        session.Dispose();
        Assert.False(session.IsConnected);
        cluster.Emulator.ClearRequests();
        await SfAssert.ThrowsAsync(SfErrors.SessionClosed, () => GetAsync(session, cluster));
        Assert.Empty(cluster.Emulator.Requests);
    }

    [Fact]
    public async Task A_session_closed_during_a_request_is_reported()
    {
        TaskCompletionSource asked = new();
        await using RawServer server = RawServer.StartCluster(x =>
        {
            asked.SetResult();
            return x.HangAsync();
        });
        using SfSession session = await Cluster.ConnectAsync(server.Url, null, "system", false, Cluster.Key, NullLog.Instance);
        Task<SfBlob> request = session.GetBlobAsync(Uuid, NullLog.Instance, Limit.Token);
        await asked.Task.WaitAsync(Limit.Token);
        session.Dispose();
        await SfAssert.ThrowsAsync(SfErrors.SessionClosed, () => request);
    }

    [Fact]
    public async Task A_response_about_another_blob_is_rejected()
    {
        await using Cluster cluster = await StartAsync();
        SfSession session = await cluster.ConnectAsync();
        Guid other = Guid.NewGuid();
        cluster.State.AddBlob(new EmulatedBlob { Uuid = other, Extra = { ["uuid"] = Uuid.ToString() } });
        await SfAssert.ThrowsAsync(SfErrors.InvalidResponse, () => session.GetBlobAsync(other, cluster.Log, Limit.Token));
    }
}
