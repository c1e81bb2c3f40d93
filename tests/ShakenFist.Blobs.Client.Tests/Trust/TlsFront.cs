using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace ShakenFist.Blobs.Client.Tests.Trust;

/// <summary>Terminates TLS with any certificate and forwards the data to a server on this computer.</summary>
internal static class TlsFront
{
    /// <summary>Starts a front end for <paramref name="behind"/> with a certificate and its intermediate certificates.</summary>
    public static RawServer Start(RawServer behind, X509Certificate2 leaf, params X509Certificate2[] between)
    {
        SslServerAuthenticationOptions options = new() { ServerCertificateContext = SslStreamCertificateContext.Create(leaf, [.. between], offline: true) };
        return RawServer.StartBare(exchange => exchange.TerminateTlsAsync(options, behind.Port), "https");
    }
}
