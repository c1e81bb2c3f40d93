using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ShakenFist.Blobs.Client.Tests;

/// <summary>A certificate authority for one test, and the certificates that it issues.</summary>
internal sealed class Certificates : IDisposable
{
    private readonly X509Certificate2 _authority;

    public Certificates(string name = "Test authority")
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        _authority = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    private Certificates(X509Certificate2 authority) => _authority = authority;

    /// <summary>The certificate of the authority as PEM text.</summary>
    public string Pem => _authority.ExportCertificatePem();

    /// <summary>The certificate of the authority without its key, as a server sends it.</summary>
    public X509Certificate2 Public => X509CertificateLoader.LoadCertificate(_authority.RawData);

    /// <summary>Creates an intermediate authority.</summary>
    public Certificates Between()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=Authority between", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        using X509Certificate2 issued = request.Create(_authority, DateTimeOffset.UtcNow.AddHours(-20), DateTimeOffset.UtcNow.AddHours(20), RandomNumberGenerator.GetBytes(8));
        return new Certificates(issued.CopyWithPrivateKey(key));
    }

    /// <summary>Creates a self-signed certificate.</summary>
    public static X509Certificate2 SelfSigned(string host)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return RequestFor(host, key).CreateSelfSigned(DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddHours(1));
    }

    /// <summary>Creates a certificate for a host. By default, it is valid from one hour ago for two hours. The parameters specify other hours, relative to now.</summary>
    public X509Certificate2 Issue(string host, double from = -1, double until = 1)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using X509Certificate2 issued = RequestFor(host, key).Create(_authority, DateTimeOffset.UtcNow.AddHours(from), DateTimeOffset.UtcNow.AddHours(until), RandomNumberGenerator.GetBytes(8));
        return issued.CopyWithPrivateKey(key);
    }

    public void Dispose() => _authority.Dispose();

    private static CertificateRequest RequestFor(string host, ECDsa key)
    {
        CertificateRequest request = new($"CN={host}", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        if (IPAddress.TryParse(host, out IPAddress? address))
        {
            names.AddIpAddress(address);
        }
        else
        {
            names.AddDnsName(host);
        }

        request.CertificateExtensions.Add(names.Build());
        return request;
    }
}
