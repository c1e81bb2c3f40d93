using System.Management.Automation;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Tests.Hosting;

namespace ShakenFist.Blobs.Tests.Commands;

/// <summary>A cluster with a self-signed certificate.</summary>
public sealed class ConnectTrustTests
{
    [Fact]
    public async Task An_untrusted_certificate_is_rejected()
    {
        using X509Certificate2 certificate = SelfSigned();
        await using Cluster cluster = await Cluster.StartAsync(new EmulatorOptions { Certificate = certificate }, connect: false);
        ErrorRecord error = cluster.Run("Connect-ShakenFist $url $admin").OnlyError;
        Assert.Equal("TlsFailed,ShakenFist.Blobs.Commands.ConnectShakenFistCommand", error.FullyQualifiedErrorId);
        Assert.Equal(ErrorCategory.SecurityError, error.CategoryInfo.Category);
        Assert.Empty(cluster.Emulator.Requests);
    }

    [Fact]
    public async Task A_certificate_is_accepted_with_an_authority_file_relative_to_the_current_location()
    {
        using X509Certificate2 certificate = SelfSigned();
        await using Cluster cluster = await Cluster.StartAsync(new EmulatorOptions { Certificate = certificate }, connect: false);
        await File.WriteAllTextAsync(cluster.PathOf("ca.pem"), certificate.ExportCertificatePem(), TestContext.Current.CancellationToken);
        PSObject session = cluster.Run(
            "Set-Location -LiteralPath $dir; Connect-ShakenFist $url $admin -CertificateAuthorityPath ./ca.pem").Only;
        Assert.True(session.Get<bool>("IsConnected"));
    }

    [Fact]
    public async Task Any_certificate_is_accepted_if_the_check_is_skipped()
    {
        using X509Certificate2 certificate = SelfSigned();
        await using Cluster cluster = await Cluster.StartAsync(new EmulatorOptions { Certificate = certificate }, connect: false);
        _ = cluster.Run("Connect-ShakenFist $url $admin -SkipCertificateCheck").Only;
    }

    [Theory]
    [InlineData("no certificate here")]
    [InlineData(null)]
    public async Task An_invalid_authority_file_is_reported(string? content)
    {
        await using Cluster cluster = await Cluster.StartAsync(connect: false);
        string file = cluster.PathOf("ca.pem");
        if (content is not null)
        {
            await File.WriteAllTextAsync(file, content, TestContext.Current.CancellationToken);
        }

        cluster.Engine["file"] = file;
        ErrorRecord error = cluster.Run("Connect-ShakenFist $url $admin -CertificateAuthorityPath $file").OnlyError;
        Assert.Equal("CertificateAuthorityInvalid,ShakenFist.Blobs.Commands.ConnectShakenFistCommand", error.FullyQualifiedErrorId);
        Assert.Contains(file, error.ToString(), StringComparison.Ordinal);
    }

    private static X509Certificate2 SelfSigned()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=emulated cluster", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        using X509Certificate2 made = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
    }
}
