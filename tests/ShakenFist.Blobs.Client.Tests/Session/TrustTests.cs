using ShakenFist.Blobs.Emulator;

namespace ShakenFist.Blobs.Client.Tests;

public sealed class TrustTests : IDisposable
{
    private readonly Certificates _certificates = new();
    private readonly TempFolder _folder = new();

    public void Dispose()
    {
        _certificates.Dispose();
        _folder.Dispose();
    }

    private Task<Cluster> StartAsync(string host = "127.0.0.1") => Cluster.StartAsync(change: o => o with { Certificate = _certificates.Issue(host) });

    private SfTransportOptions Trusting => Cluster.Quick with { CertificateAuthorityPath = _folder.Write("ca.pem", System.Text.Encoding.ASCII.GetBytes(_certificates.Pem)) };

    [Fact]
    public async Task A_certificate_of_an_unknown_authority_is_rejected()
    {
        await using Cluster cluster = await StartAsync();
        await SfAssert.ThrowsAsync(SfErrors.TlsFailed, () => cluster.ConnectAsync());
        Assert.Empty(cluster.Emulator.Requests);
    }

    [Fact]
    public async Task A_certificate_of_the_specified_authority_is_accepted()
    {
        await using Cluster cluster = await StartAsync();
        SfSession session = await cluster.ConnectAsync(Trusting);
        Assert.Equal("https", session.ApiUrl.Scheme);
    }

    [Fact]
    public async Task A_certificate_for_another_host_is_rejected_even_if_the_authority_is_trusted()
    {
        await using Cluster cluster = await StartAsync("other.example.com");
        await SfAssert.ThrowsAsync(SfErrors.TlsFailed, () => cluster.ConnectAsync(Trusting));
    }

    [Fact]
    public async Task A_certificate_of_another_authority_is_rejected_if_one_is_specified()
    {
        using Certificates others = new();
        await using Cluster cluster = await Cluster.StartAsync(change: o => o with { Certificate = others.Issue("127.0.0.1") });
        await SfAssert.ThrowsAsync(SfErrors.TlsFailed, () => cluster.ConnectAsync(Trusting));
    }

    [Fact]
    public async Task Without_the_check_any_certificate_is_accepted()
    {
        await using Cluster cluster = await StartAsync("other.example.com");
        Assert.True((await cluster.ConnectAsync(Cluster.Quick with { SkipCertificateCheck = true })).IsConnected);
    }

    [Theory]
    [InlineData("")]
    [InlineData("no PEM at all")]
    [InlineData("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")]
    public async Task An_authority_file_without_a_certificate_is_reported(string text)
    {
        string path = _folder.Write("ca.pem", System.Text.Encoding.ASCII.GetBytes(text));
        SfException e = await SfAssert.ThrowsAsync(SfErrors.CertificateAuthorityInvalid, () => ConnectNowhereAsync(path));
        Assert.Contains(path, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_authority_file_is_reported()
    {
        SfException e = await SfAssert.ThrowsAsync(SfErrors.CertificateAuthorityInvalid, () => ConnectNowhereAsync(_folder.At("none.pem")));
        Assert.Contains("none.pem", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_redirect_from_https_to_http_is_rejected()
    {
        await using Cluster cluster = await StartAsync();
        cluster.Faults.Add(new Fault { Path = "/", Kind = FaultKind.Redirect, Status = 301, Location = $"http://127.0.0.1:{cluster.Emulator.Url.Port}/" });
        await SfAssert.ThrowsAsync(SfErrors.UnexpectedRedirect, () => cluster.ConnectAsync(Trusting));
        Assert.Single(cluster.Emulator.Requests);
    }

    [Fact]
    public async Task A_redirect_from_http_to_https_is_followed()
    {
        await using Cluster cluster = await StartAsync();
        await using RawServer old = RawServer.Start(x => x.SendAsync("", "text/html", 301, $"Location: {cluster.Emulator.Url}\r\n"));
        Assert.Equal("https", (await cluster.ConnectAsync(Trusting, url: old.Url)).ApiUrl.Scheme);
    }

    [Fact]
    public async Task A_server_without_TLS_is_reported()
    {
        await using RawServer server = RawServer.Start(x => x.SendAsync("{}"));
        Uri url = new($"https://127.0.0.1:{server.Port}");
        SfException e = await Assert.ThrowsAsync<SfException>(() => Cluster.ConnectAsync(url, null, "system", false, Cluster.Key, NullLog.Instance));
        Assert.Contains(e.Error, new[] { SfErrors.TlsFailed, SfErrors.ConnectionFailed });
    }

    private static Task<SfSession> ConnectNowhereAsync(string authority) => Cluster.ConnectAsync(
        new Uri("https://127.0.0.1:1"), Cluster.Quick with { CertificateAuthorityPath = authority }, "system", false, Cluster.Key, NullLog.Instance);
}
