using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace ShakenFist.Blobs.Client.Tests.Trust;

/// <summary>Tests valid and invalid certificates: which are rejected or accepted, and the advice in the message.</summary>
public sealed class CertificateTests : IDisposable
{
    private const string Host = "127.0.0.1";

    private readonly Certificates _root = new();
    private readonly Certificates _others = new("Another authority");
    private readonly Certificates _namesake = new();
    private readonly Certificates _between;
    private readonly TempFolder _folder = new();

    public CertificateTests() => _between = _root.Between();

    public void Dispose()
    {
        _root.Dispose();
        _others.Dispose();
        _namesake.Dispose();
        _between.Dispose();
        _folder.Dispose();
    }

    /// <summary>The certificate of the server, the specified authority, and the expected text of the message.</summary>
    [Theory]
    [InlineData("ended", "root", "The certificate expired on ", "Renew it on the cluster.")]
    [InlineData("not begun", "root", "The certificate is not valid before ", "Check the clocks of this computer and of the cluster.")]
    [InlineData("other host", "root", "The certificate is for other.example.com, not for 127.0.0.1", "Connect with a name that the certificate contains.")]
    [InlineData("ended, other host", "root", "The certificate expired on ", "The certificate is for other.example.com, not for 127.0.0.1")]
    [InlineData("good", null, "an authority that is not trusted on this computer", "specify the certificate of that authority with -CertificateAuthorityPath")]
    [InlineData("self-signed", null, "an authority that is not trusted on this computer", "specify the certificate of that authority with -CertificateAuthorityPath")]
    [InlineData("good", "others", "is not from an authority in '", "must contain the root certificate")]
    [InlineData("good", "namesake", "is not from an authority in '", "must contain the root certificate")]
    [InlineData("self-signed", "root", "is not from an authority in '", "must contain the root certificate")]
    [InlineData("below another, which is not sent", "root", "is not from an authority in '", "the server must send the intermediate certificates")]
    [InlineData("below another, which is sent", "between", "is not from an authority in '", "must contain the root certificate")]
    public async Task An_untrusted_certificate_is_rejected_with_advice_before_anything_is_sent(string shown, string? given, string says, string advises)
    {
        await using RawServer server = RawServer.StartCluster(x => x.SendAsync("{}"));
        await using RawServer front = Start(server, shown);
        foreach (bool resilient in (bool[])[false, true])
        {
            SfException e = await SfAssert.ThrowsAsync(SfErrors.TlsFailed, () => ConnectAsync(front, given, resilient));
            Assert.Contains(says, e.Message, StringComparison.Ordinal);
            Assert.Contains(advises, e.Message, StringComparison.Ordinal);
            Assert.StartsWith($"Cannot establish a trusted connection to https://127.0.0.1:{front.Url.Port} (request id {e.RequestId}): ", e.Message, StringComparison.Ordinal);
        }

        Assert.Empty(server.Heads);
    }

    [Theory]
    [InlineData("good", "root")]
    [InlineData("self-signed", "self")]
    [InlineData("below another, which is sent", "root")]
    [InlineData("below another, which is not sent", "root and between")]
    [InlineData("good", "others and root")]
    public async Task A_certificate_with_a_chain_to_the_specified_authority_is_accepted(string shown, string given)
    {
        await using RawServer server = RawServer.StartCluster(x => x.SendAsync("{}"));
        await using RawServer front = Start(server, shown);
        using SfSession session = await ConnectAsync(front, given, resilient: false);
        Assert.Equal(["GET / HTTP/1.1", "POST /auth HTTP/1.1"], server.Heads.Select(head => head.Split('\r')[0]));
    }

    [Theory]
    [InlineData("ended")]
    [InlineData("not begun")]
    [InlineData("other host")]
    [InlineData("self-signed")]
    public async Task Without_the_check_any_chain_is_accepted(string shown)
    {
        await using RawServer server = RawServer.StartCluster(x => x.SendAsync("{}"));
        await using RawServer front = Start(server, shown);
        using SfSession session = await Cluster.ConnectAsync(front.Url, Cluster.Quick with { SkipCertificateCheck = true }, "system", false, Cluster.Key, NullLog.Instance);
        Assert.True(session.IsConnected);
    }

    [Fact]
    public async Task A_directory_instead_of_the_authority_file_is_reported()
    {
        SfException e = await SfAssert.ThrowsAsync(SfErrors.CertificateAuthorityInvalid, () => Cluster.ConnectAsync(
            new Uri("https://127.0.0.1:1"), Cluster.Quick with { CertificateAuthorityPath = _folder.Path }, "system", false, Cluster.Key, NullLog.Instance));
        Assert.Contains(_folder.Path, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_private_key_instead_of_the_authority_file_is_not_repeated()
    {
        using System.Security.Cryptography.ECDsa key = System.Security.Cryptography.ECDsa.Create();
        string pem = key.ExportPkcs8PrivateKeyPem();
        string path = _folder.Write("ca.pem", Encoding.ASCII.GetBytes(pem));
        SfException e = await SfAssert.ThrowsAsync(SfErrors.CertificateAuthorityInvalid, () => Cluster.ConnectAsync(
            new Uri("https://127.0.0.1:1"), Cluster.Quick with { CertificateAuthorityPath = path }, "system", false, Cluster.Key, NullLog.Instance));
        Assert.DoesNotContain(pem.Split('\n')[1], e.ToString(), StringComparison.Ordinal);
    }

    private RawServer Start(RawServer server, string shown) => shown switch
    {
        "ended" => TlsFront.Start(server, _root.Issue(Host, -10, -1)),
        "not begun" => TlsFront.Start(server, _root.Issue(Host, 1, 10)),
        "other host" => TlsFront.Start(server, _root.Issue("other.example.com")),
        "ended, other host" => TlsFront.Start(server, _root.Issue("other.example.com", -10, -1)),
        "self-signed" => TlsFront.Start(server, SelfSigned.Value),
        "below another, which is sent" => TlsFront.Start(server, _between.Issue(Host), _between.Public),
        "below another, which is not sent" => TlsFront.Start(server, _between.Issue(Host)),
        _ => TlsFront.Start(server, _root.Issue(Host)),
    };

    private static readonly Lazy<X509Certificate2> SelfSigned = new(() => Certificates.SelfSigned(Host));

    private Task<SfSession> ConnectAsync(RawServer front, string? given, bool resilient)
    {
        string? pem = given switch
        {
            null => null,
            "root" => _root.Pem,
            "between" => _between.Pem,
            "namesake" => _namesake.Pem,
            "self" => SelfSigned.Value.ExportCertificatePem(),
            "root and between" => _root.Pem + "\n" + _between.Pem,
            "others and root" => _others.Pem + "\n" + _root.Pem,
            _ => _others.Pem,
        };
        SfTransportOptions options = Cluster.Quick with { CertificateAuthorityPath = pem is null ? null : _folder.Write("ca.pem", Encoding.ASCII.GetBytes(pem)) };
        return Cluster.ConnectAsync(front.Url, options, "system", resilient, Cluster.Key, NullLog.Instance);
    }
}
