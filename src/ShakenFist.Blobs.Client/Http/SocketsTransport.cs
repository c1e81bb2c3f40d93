using System.Net;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ShakenFist.Blobs.Http;

/// <summary>Creates the <see cref="SocketsHttpHandler"/> of a session.</summary>
internal static class SocketsTransport
{
    public static SocketsHttpHandler Create(SfTransportOptions options)
    {
        ClusterProxy? proxy = ClusterProxy.For(options);
        AddressRace race = options.AddressRace ?? AddressRace.OfSockets(options.TimeProvider);
        SocketsHttpHandler handler = new()
        {
            // A redirect means an expired token or another server, so it is not followed.
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            UseCookies = false,
            PreAuthenticate = false,
            ActivityHeadersPropagator = null,
            ConnectTimeout = options.ConnectTimeout,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            UseProxy = proxy is not null,
            Proxy = proxy,
            ConnectCallback = async (context, cancellationToken) => await race.ConnectAsync(context.DnsEndPoint, cancellationToken).ConfigureAwait(false),
        };
        handler.SslOptions.EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13;
        if (options.SkipCertificateCheck)
        {
#pragma warning disable CA5359 // The user specified a switch for this, and its help explains the risk.
            handler.SslOptions.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
#pragma warning restore CA5359
        }
        else
        {
            handler.SslOptions.RemoteCertificateValidationCallback = CertificateCheck.For(options.CertificateAuthorityPath);
            handler.SslOptions.CertificateChainPolicy = options.CertificateAuthorityPath is { } path ? TrustOnly(path) : null;
        }

        return handler;
    }

    private static X509ChainPolicy TrustOnly(string path)
    {
        X509ChainPolicy policy = new()
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,

            // The authority of a cluster does not publish revocation lists.
            RevocationMode = X509RevocationMode.NoCheck,
        };
        try
        {
            policy.CustomTrustStore.ImportFromPemFile(path);
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new SfException(SfErrors.CertificateAuthorityInvalid, $"Cannot use the certificate authority file '{path}': {ErrorText.Reason(e)}", e);
        }

        return policy.CustomTrustStore.Count > 0
            ? policy
            : throw new SfException(SfErrors.CertificateAuthorityInvalid, $"The certificate authority file '{path}' contains no certificate.");
    }
}
