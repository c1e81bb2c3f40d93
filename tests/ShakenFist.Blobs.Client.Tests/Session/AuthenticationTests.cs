using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Http;

namespace ShakenFist.Blobs.Client.Tests;

public sealed class AuthenticationTests
{
    [Fact]
    public async Task A_wrong_key_is_reported()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        SfException e = await SfAssert.ThrowsAsync(SfErrors.AuthenticationFailed, () => cluster.ConnectAsync(key: "wrong-canary"));
        Assert.Equal(401, e.StatusCode);
        Assert.DoesNotContain("wrong-canary", e.ToString() + cluster.Log.Everything, StringComparison.Ordinal);
        Assert.Equal(1, cluster.Count("POST", "/auth"));
    }

    [Fact]
    public async Task An_unknown_namespace_is_reported()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        SfException e = await SfAssert.ThrowsAsync(SfErrors.NamespaceNotFound, () => cluster.ConnectAsync(@namespace: "nobody"));
        Assert.Contains("nobody", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(400, nameof(SfErrors.RequestRefused))]
    [InlineData(403, nameof(SfErrors.AccessForbidden))]
    [InlineData(405, nameof(SfErrors.MethodNotSupported))]
    [InlineData(500, nameof(SfErrors.ServerError))]
    [InlineData(503, nameof(SfErrors.ServerUnavailable))]
    [InlineData(302, nameof(SfErrors.UnexpectedRedirect))]
    [InlineData(204, nameof(SfErrors.UnexpectedStatus))]
    public async Task Other_authentication_errors_are_reported_as_such(int status, string id)
    {
        await using Cluster cluster = await Cluster.StartAsync();
        cluster.Faults.Add(new Fault { Method = "POST", Path = "/auth", Kind = FaultKind.Status, Status = status });
        SfException e = await Assert.ThrowsAsync<SfException>(() => cluster.ConnectAsync());
        Assert.Equal(id, e.Error.Id);
        Assert.Equal(status, e.StatusCode);
    }

    [Theory]
    [InlineData("", null)]
    [InlineData(""", "expires_in": 0 """, null)]
    [InlineData(""", "expires_in": -5 """, null)]
    [InlineData(""", "expires_in": null """, null)]
    [InlineData(""", "expires_in": NaN """, null)]
    [InlineData(""", "expires_in": 1e300 """, null)]
    [InlineData(""", "expires_in": 1e9 """, null)]
    [InlineData(""", "expires_in": "soon" """, null)]
    [InlineData(""", "expires_in": "600" """, 600)]
    [InlineData(""", "expires_in": 600.5 """, 600)]
    public async Task The_expiration_of_a_token_is_that_of_the_server_if_it_is_plausible(string member, int? seconds)
    {
        await using RawServer server = RawServer.Start(x => x.Path == "/" ? x.SendAsync("", "text/html") : x.SendAsync($$"""{"access_token": "t0k3n"{{member}}}"""));
        using SfSession session = await Cluster.ConnectAsync(server.Url, null, "system", false, Cluster.Key, NullLog.Instance);
        Assert.Equal(seconds is not null, session.TokenExpiresAt is not null);
        if (seconds is not null)
        {
            Assert.Equal(session.ConnectedAt.AddSeconds(seconds.Value), session.TokenExpiresAt!.Value, TimeSpan.FromSeconds(20));
        }
    }

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"access_token": null}""")]
    [InlineData("""{"access_token": 7}""")]
    [InlineData("""{"access_token": ""}""")]
    [InlineData("""{"access_token": "a b"}""")]
    [InlineData("""{"access_token": "a\r\nX-Evil: 1"}""")]
    [InlineData("""{"access_token": "\u2713"}""")]
    [InlineData("""{"access_token": "t0k3n" """)]
    public async Task A_value_that_cannot_be_a_token_is_an_invalid_response_and_is_not_repeated(string body)
    {
        await using RawServer server = RawServer.Start(x => x.SendAsync(x.Path == "/" ? "" : body));
        SfException e = await SfAssert.ThrowsAsync(SfErrors.InvalidResponse, () => Cluster.ConnectAsync(server.Url, null, "system", false, Cluster.Key, NullLog.Instance));
        Assert.DoesNotContain("t0k3n", e.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(16 * 1024, true)]
    [InlineData((16 * 1024) + 1, false)]
    public async Task A_token_can_be_twice_as_long_as_the_header_limit_of_servers(int length, bool taken)
    {
        await using RawServer server = RawServer.Start(x => x.SendAsync(x.Path == "/" ? "" : $$"""{"access_token": "{{new string('t', length)}}"}"""));
        Task<SfSession> connecting = Cluster.ConnectAsync(server.Url, null, "system", false, Cluster.Key, NullLog.Instance);
        if (taken)
        {
            (await connecting).Dispose();
        }
        else
        {
            await SfAssert.ThrowsAsync(SfErrors.InvalidResponse, () => connecting);
        }
    }

    [Theory]
    [InlineData("http://scripted.example.com", 1)]
    [InlineData("https://scripted.example.com", 0)]
    [InlineData("http://127.0.0.1", 0)]
    [InlineData("http://localhost", 0)]
    public async Task Sending_a_key_without_encryption_causes_one_warning(string url, int warnings)
    {
        RecordingLog log = new();
        bool refuse = true;
        using SfSession session = await ScriptedCluster.ConnectAsync(
            _ =>
            {
                (bool refused, refuse) = (refuse, false);
                return ScriptedCluster.Text("{}", refused ? 401 : 200);
            },
            log: log, url: new Uri(url));
        await session.ReadAsync(new ApiRequest(HttpMethod.Get, session.Routes.Blob(Guid.NewGuid())), _ => true, log, Limit.Token);
        Assert.Equal(2, session.AuthenticationCount);
        Assert.Equal(warnings, log.Warnings.Count());
        Assert.All(log.Warnings, warning => Assert.Contains("'banana' is sent to scripted.example.com over http, without encryption", warning, StringComparison.Ordinal));
        Assert.Single(log.Verboses, line => line.Contains("rejected the token. Authenticating again", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_failed_connect_keeps_no_connection()
    {
        bool closed = false;
        await SfAssert.ThrowsAsync(SfErrors.AuthenticationFailed, () => ScriptedCluster.ConnectAsync(
            request => ScriptedCluster.Text("{}", request.RequestUri!.AbsolutePath == "/auth" ? 401 : 200), Cluster.Quick, log: null, new Uri("http://127.0.0.1"), onDispose: () => closed = true));
        Assert.True(closed);
    }

    [Fact]
    public async Task A_page_instead_of_a_token_is_reported_as_a_page()
    {
        await using RawServer server = RawServer.Start(x => x.SendAsync("<html>Log in here</html>", "text/html"));
        await SfAssert.ThrowsAsync(SfErrors.UnexpectedContent, () => Cluster.ConnectAsync(server.Url, null, "system", false, Cluster.Key, NullLog.Instance));
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/auth")]
    public async Task A_truncated_response_while_connecting_is_an_invalid_response(string path)
    {
        await using RawServer server = RawServer.Start(x => x.Path == path
            ? x.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{")
            : x.SendAsync("""{"access_token": "t0k3n"}"""));
        await SfAssert.ThrowsAsync(SfErrors.InvalidResponse, () => Cluster.ConnectAsync(server.Url, null, "system", false, Cluster.Key, NullLog.Instance));
    }

    [Fact]
    public async Task A_root_page_that_is_not_the_api_is_reported()
    {
        await using RawServer server = RawServer.Start(x => x.SendAsync("<html>", "text/html", 404));
        await SfAssert.ThrowsAsync(SfErrors.ResourceNotFound, () => Cluster.ConnectAsync(server.Url, null, "system", false, Cluster.Key, NullLog.Instance));
    }

    [Fact]
    public async Task A_key_rotated_during_a_session_is_reported_as_a_failed_authentication()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        SfSession session = await cluster.ConnectAsync();
        cluster.State.SetKey("system", "another");
        await SfAssert.ThrowsAsync(SfErrors.AuthenticationFailed, () => session.GetBlobAsync(Guid.NewGuid(), cluster.Log, Limit.Token));
    }
}
