using System.Net;
using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Http;

namespace ShakenFist.Blobs.Client.Tests;

public sealed class ProxyTests : IDisposable
{
    private readonly Lazy<Certificates> _certificates = new(() => new Certificates());
    private readonly TempFolder _folder = new();
    private readonly RecordingLog _log = new();

    public void Dispose()
    {
        if (_certificates.IsValueCreated)
        {
            _certificates.Value.Dispose();
        }

        _folder.Dispose();
    }

    private static SfTransportOptions Through(RawServer proxy) => Cluster.Quick with { NoProxy = false, Proxy = proxy.Url };

    private Task<SfSession> ConnectAsync(string url, SfTransportOptions options) => Cluster.ConnectAsync(new Uri(url), options, "system", false, Cluster.Key, _log);

    private static Task AnswerAsync(RawExchange x) => x.SendAsync(x.Path == "/auth" ? """{"access_token": "t0k3n"}""" : "{}");

    [Fact]
    public async Task Loopback_is_never_proxied()
    {
        await using RawServer proxy = RawServer.Start(x => x.HangAsync());
        await using Cluster cluster = await Cluster.StartAsync();
        SfSession session = await cluster.ConnectAsync(Through(proxy));
        Assert.Null(session.Proxy);
        Assert.Empty(proxy.Heads);
    }

    [Fact]
    public async Task A_key_over_plain_http_to_a_host_that_is_not_loopback_causes_one_warning()
    {
        await using RawServer proxy = RawServer.Start(AnswerAsync);
        using SfSession session = await ConnectAsync("http://cluster.invalid", Through(proxy));
        await Assert.ThrowsAsync<SfException>(() => session.GetBlobAsync(Guid.NewGuid(), _log, Limit.Token));
        Assert.Contains("cluster.invalid", Assert.Single(_log.Warnings), StringComparison.Ordinal);
        Assert.Equal($"http://127.0.0.1:{proxy.Port}", session.Proxy);
    }

    [Fact]
    public async Task A_key_over_plain_http_causes_one_warning_even_if_it_is_sent_again()
    {
        await using RawServer proxy = RawServer.Start(x => x.Path is "/" or "/auth" ? AnswerAsync(x) : x.SendAsync("{}", status: 401));
        using SfSession session = await ConnectAsync("http://cluster.invalid", Through(proxy));
        await SfAssert.ThrowsAsync(SfErrors.TokenRejected, () => session.GetBlobAsync(Guid.NewGuid(), _log, Limit.Token));
        Assert.Equal(2, proxy.Heads.Count(head => head.StartsWith("POST", StringComparison.Ordinal)));
        Assert.Single(_log.Warnings);
    }

    [Fact]
    public async Task Loopback_and_https_cause_no_warning()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        await cluster.ConnectAsync();
        Assert.Empty(cluster.Log.Warnings);
    }

    [Fact]
    public async Task The_authorization_header_is_sent_through_the_tunnel_and_never_to_the_proxy()
    {
        await using Cluster cluster = await Cluster.StartAsync(change: o => o with { Certificate = _certificates.Value.Issue("cluster.invalid") });
        await using RawServer proxy = RawServer.Start(async x =>
        {
            if (!x.Head.Contains("Proxy-Authorization: Basic", StringComparison.Ordinal))
            {
                await x.WriteAsync("HTTP/1.1 407 X\r\nProxy-Authenticate: Basic realm=\"p\"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
                return;
            }

            await x.WriteAsync("HTTP/1.1 200 Connected\r\n\r\n");
            await x.TunnelAsync(cluster.Emulator.Url.Port);
        });
        cluster.State.AddBlob(EmulatedBlob.FromBytes([1], Guid.Empty));
        SfTransportOptions options = Through(proxy) with
        {
            ProxyCredential = new NetworkCredential("me", "pr0xy-canary"),
            CertificateAuthorityPath = _folder.Write("ca.pem", System.Text.Encoding.ASCII.GetBytes(_certificates.Value.Pem)),
        };
        using (SfSession session = await ConnectAsync("https://cluster.invalid", options))
        {
            Assert.Equal(1, (await session.GetBlobAsync(Guid.Empty, _log, Limit.Token)).Size);
            Assert.Equal($"http://127.0.0.1:{proxy.Port}", session.Proxy);
            Assert.DoesNotContain("canary", session.ToString(), StringComparison.Ordinal);
        }

        Assert.All(proxy.Heads, head => Assert.StartsWith("CONNECT cluster.invalid:443 ", head, StringComparison.Ordinal));
        Assert.DoesNotContain(proxy.Heads, head => head.Contains("\r\nAuthorization:", StringComparison.OrdinalIgnoreCase));
        Assert.Contains(cluster.Emulator.Requests, r => r.Headers.ContainsKey("Authorization"));
        Assert.DoesNotContain("pr0xy-canary", _log.Everything, StringComparison.Ordinal);
        Assert.Empty(_log.Warnings);
    }

    [Theory]
    [InlineData("http://cluster.invalid")]
    [InlineData("https://cluster.invalid")]
    public async Task A_proxy_that_requires_credentials_is_reported_as_such(string url)
    {
        await using RawServer proxy = RawServer.Start(x =>
            x.WriteAsync("HTTP/1.1 407 X\r\nProxy-Authenticate: Basic realm=\"p\"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"));
        await SfAssert.ThrowsAsync(SfErrors.ProxyFailed, () => ConnectAsync(url, Through(proxy)));
    }

    [Theory]
    [InlineData(502)]
    [InlineData(403)]
    public async Task A_proxy_that_refuses_a_tunnel_is_reported_as_such(int status)
    {
        await using RawServer proxy = RawServer.Start(x => x.SendAsync("<html>", "text/html", status));
        await SfAssert.ThrowsAsync(SfErrors.ProxyFailed, () => ConnectAsync("https://cluster.invalid", Through(proxy)));
    }

    [Fact]
    public void Credentials_for_the_proxy_of_the_environment_do_not_affect_other_requests_of_the_process()
    {
        ICredentials? before = HttpClient.DefaultProxy.Credentials;
        ClusterProxy proxy = ClusterProxy.For(new SfTransportOptions { ProxyCredential = new NetworkCredential("me", "secret") })!;
        Assert.NotNull(proxy.Credentials!.GetCredential(new Uri("http://proxy.invalid"), "Basic"));
        Assert.Same(before, HttpClient.DefaultProxy.Credentials);
        Assert.True(proxy.IsBypassed(new Uri("http://localhost:13000")));
        Assert.Null(proxy.GetProxy(new Uri("http://[::1]:13000")));
        Assert.Equal(HttpClient.DefaultProxy.IsBypassed(new Uri("http://cluster.invalid")), proxy.IsBypassed(new Uri("http://cluster.invalid")));
        Assert.Null(ClusterProxy.For(new SfTransportOptions { NoProxy = true }));
    }

    [Theory]
    [InlineData("*", "http://10.1.2.3:13000", true)]
    [InlineData(" * ", "https://sf.example.com", true)]
    [InlineData("*,x", "https://sf.example.com", false)]
    [InlineData("*.example.com", "https://sf.example.com", false)]
    [InlineData("example.com", "http://sf.example.com", true)]
    [InlineData("example.com", "http://example.com", true)]
    [InlineData(".example.com", "http://sf.example.com", true)]
    [InlineData(".example.com", "http://example.com", true)]
    [InlineData("EXAMPLE.com.", "http://sf.Example.com", true)]
    [InlineData("example.com", "http://sf.example.com.", true)]
    [InlineData("example.com", "http://sfexample.com", false)]
    [InlineData("example.com", "http://example.com.org", false)]
    [InlineData("ample.com", "http://example.com", false)]
    [InlineData("x.org, example.com", "http://sf.example.com", true)]
    [InlineData("x.org example.com", "http://sf.example.com", true)]
    [InlineData("x.org,,\texample.com,", "http://sf.example.com", true)]
    [InlineData("sf.example.com:13000", "http://sf.example.com:13000", true)]
    [InlineData("example.com:13000", "http://sf.example.com:13000", true)]
    [InlineData("sf.example.com:13000", "http://sf.example.com", false)]
    [InlineData("sf.example.com:443", "https://sf.example.com", true)]
    [InlineData("sf.example.com:3000", "http://sf.example.com:13000", false)]
    [InlineData(":13000", "http://sf.example.com:13000", false)]
    [InlineData("10.0.0.0/8", "http://10.1.2.3", true)]
    [InlineData("10.1.2.77/24", "http://10.1.2.3", true)]
    [InlineData("10.1.2.0/31", "http://10.1.2.3", false)]
    [InlineData("10.1.2.2/31", "http://10.1.2.3", true)]
    [InlineData("0.0.0.0/0", "http://10.1.2.3", true)]
    [InlineData("10.0.0.0/33", "http://10.1.2.3", false)]
    [InlineData("10.0.0.0/", "http://10.1.2.3", false)]
    [InlineData("10.0.0.0/-8", "http://10.1.2.3", false)]
    [InlineData("10.0.0.0/8", "http://10.example.com", false)]
    [InlineData("10.1.2.3", "http://10.1.2.3:13000", true)]
    [InlineData("10.1.2.3:13000", "http://10.1.2.3:13000", true)]
    [InlineData("10.1.2.3:13000", "http://10.1.2.3", false)]
    [InlineData("1.2.3", "http://10.1.2.3", false)]
    [InlineData("2.3", "http://2.0.0.3", false)]
    [InlineData("fd00::/8", "http://[fd12::1]", true)]
    [InlineData("fd00::/8", "http://[fe80::1]", false)]
    [InlineData("fd12::1", "http://[fd12::1]:13000", true)]
    [InlineData("[fd12::1]", "http://[fd12:0::1]", true)]
    [InlineData("[fd12::1]:13000", "http://[fd12::1]:13000", true)]
    [InlineData("[fd12::1]:13000", "http://[fd12::1]:13001", false)]
    [InlineData("fd12::1:80", "http://[fd12::1]", false)]
    [InlineData("0.0.0.0/0", "http://[fd12::1]", false)]
    [InlineData("", "http://sf.example.com", false)]
    [InlineData(",", "http://sf.example.com", false)]
    [InlineData(".", "http://sf.example.com", false)]
    public void Hosts_that_the_environment_excludes_are_not_proxied(string excluded, string url, bool bypassed)
    {
        foreach (string name in (string[])["no_proxy", "NO_PROXY"])
        {
            ClusterProxy proxy = ClusterProxy.For(new SfTransportOptions(), new WebProxy("http://proxy.invalid:3128"), variable => variable == name ? excluded : null)!;
            Assert.Equal(bypassed, proxy.IsBypassed(new Uri(url)));
            Assert.Equal(bypassed, proxy.GetProxy(new Uri(url)) is null);
            Assert.Equal(bypassed ? null : "http://proxy.invalid:3128", proxy.Describe(new Uri(url)));
        }
    }

    [Fact]
    public void The_lower_case_variable_takes_precedence_and_a_proxy_of_the_options_is_used_for_every_host()
    {
        Uri url = new("http://sf.example.com");
        WebProxy inner = new("http://proxy.invalid:3128");
        Assert.True(ClusterProxy.For(new SfTransportOptions(), inner, name => name == "no_proxy" ? "example.com" : "x.org")!.IsBypassed(url));
        Assert.False(ClusterProxy.For(new SfTransportOptions(), inner, name => name == "no_proxy" ? "x.org" : "example.com")!.IsBypassed(url));
        Assert.True(ClusterProxy.For(new SfTransportOptions(), inner, name => name == "no_proxy" ? "" : "example.com")!.IsBypassed(url));
        Assert.True(ClusterProxy.For(new SfTransportOptions { ProxyCredential = new NetworkCredential("me", "secret") }, inner, _ => "example.com")!.IsBypassed(url));
        Assert.False(ClusterProxy.For(new SfTransportOptions { Proxy = inner.Address }, inner, _ => "example.com")!.IsBypassed(url));
    }

    [Theory]
    [InlineData("http://cluster.invalid", "canary-pa55word")]
    [InlineData("http://localhost:13000", null)]
    public void The_password_of_the_proxy_of_the_environment_is_known_to_be_a_secret(string url, string? password)
    {
        WebProxy inner = new("http://proxy.invalid:3128") { Credentials = new NetworkCredential("me", "canary-pa55word") };
        Assert.Equal(password, ClusterProxy.For(new SfTransportOptions(), inner, _ => null)!.PasswordFor(new Uri(url)));
        Assert.Null(ClusterProxy.For(new SfTransportOptions(), new WebProxy("http://proxy.invalid:3128"), _ => null)!.PasswordFor(new Uri(url)));
    }

    [Theory]
    [InlineData("canary-pa55word")]
    [InlineData("Basic bWU6Y2FuYXJ5LXBhNTV3b3Jk")]
    public async Task A_password_that_the_proxy_repeats_is_not_shown(string quoted)
    {
        await using RawServer proxy = RawServer.Start(x => x.SendAsync($"{{\"error\": \"refused: {quoted}\"}}", status: 400));
        SfTransportOptions options = Through(proxy) with { ProxyCredential = new NetworkCredential("me", "canary-pa55word") };
        SfException e = await SfAssert.ThrowsAsync(SfErrors.RequestRefused, () => ConnectAsync("http://cluster.invalid", options));
        Assert.Contains("[secret]", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(quoted, e.ToString() + _log.Everything, StringComparison.Ordinal);
    }

    [Fact]
    public void A_proxy_is_described_without_its_password()
    {
        ClusterProxy proxy = ClusterProxy.For(new SfTransportOptions { Proxy = new Uri("http://me:secret@proxy.invalid:3128/x") })!;
        Assert.Equal("http://proxy.invalid:3128", proxy.Describe(new Uri("http://cluster.invalid")));
        proxy.Credentials = null;
        Assert.Null(proxy.Credentials);
    }
}
