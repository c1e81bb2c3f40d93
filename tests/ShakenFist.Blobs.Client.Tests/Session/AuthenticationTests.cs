using ShakenFist.Blobs.Emulator;

namespace ShakenFist.Blobs.Client.Tests;

public sealed class AuthenticationTests
{
    [Fact]
    public async Task A_wrong_key_is_told()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        SfException e = await Expect.ErrorAsync(SfErrors.AuthenticationFailed, () => cluster.ConnectAsync(key: "wrong-canary"));
        Assert.Equal(401, e.StatusCode);
        Assert.DoesNotContain("wrong-canary", e.ToString() + cluster.Log.Everything, StringComparison.Ordinal);
        Assert.Equal(1, cluster.Count("POST", "/auth"));
    }

    [Fact]
    public async Task An_unknown_namespace_is_told()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        SfException e = await Expect.ErrorAsync(SfErrors.NamespaceNotFound, () => cluster.ConnectAsync(@namespace: "nobody"));
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
    public async Task Another_refusal_of_authentication_keeps_its_meaning(int status, string id)
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
    [InlineData(""", "expires_in": "soon" """, null)]
    [InlineData(""", "expires_in": "600" """, 600)]
    [InlineData(""", "expires_in": 600.5 """, 600)]
    public async Task The_end_of_a_token_is_taken_from_what_the_server_says_if_it_makes_sense(string member, int? seconds)
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
    public async Task What_cannot_be_a_token_is_an_invalid_answer_and_not_repeated(string body)
    {
        await using RawServer server = RawServer.Start(x => x.SendAsync(x.Path == "/" ? "" : body));
        SfException e = await Expect.ErrorAsync(SfErrors.InvalidResponse, () => Cluster.ConnectAsync(server.Url, null, "system", false, Cluster.Key, NullLog.Instance));
        Assert.DoesNotContain("t0k3n", e.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_page_in_place_of_a_token_is_told_as_one()
    {
        await using RawServer server = RawServer.Start(x => x.SendAsync("<html>Log in here</html>", "text/html"));
        await Expect.ErrorAsync(SfErrors.UnexpectedContent, () => Cluster.ConnectAsync(server.Url, null, "system", false, Cluster.Key, NullLog.Instance));
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/auth")]
    public async Task An_answer_that_breaks_off_while_connecting_is_an_invalid_answer(string path)
    {
        await using RawServer server = RawServer.Start(x => x.Path == path
            ? x.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{")
            : x.SendAsync("{}"));
        await Expect.ErrorAsync(SfErrors.InvalidResponse, () => Cluster.ConnectAsync(server.Url, null, "system", false, Cluster.Key, NullLog.Instance));
    }

    [Fact]
    public async Task A_root_that_is_no_api_is_told()
    {
        await using RawServer server = RawServer.Start(x => x.SendAsync("<html>", "text/html", 404));
        await Expect.ErrorAsync(SfErrors.ResourceNotFound, () => Cluster.ConnectAsync(server.Url, null, "system", false, Cluster.Key, NullLog.Instance));
    }

    [Fact]
    public async Task A_key_rotated_under_a_session_is_told_as_a_failed_authentication()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        SfSession session = await cluster.ConnectAsync();
        cluster.State.SetKey("system", "another");
        await Expect.ErrorAsync(SfErrors.AuthenticationFailed, () => session.GetBlobAsync(Guid.NewGuid(), cluster.Log, Limit.Token));
    }
}
