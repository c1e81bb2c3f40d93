using System.Globalization;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace ShakenFist.Blobs.Http;

/// <summary>Rejects the same certificates as .NET, with a message that describes the problem and the solution.</summary>
internal static class CertificateCheck
{
    /// <summary>Creates the check. <paramref name="authorityPath"/> is the file with the trusted authorities, or null for those of the system.</summary>
    public static RemoteCertificateValidationCallback For(string? authorityPath) => (sender, certificate, chain, errors) =>
        errors == SslPolicyErrors.None
            ? true
            : throw new AuthenticationException(string.Join(' ', Complaints(((SslStream)sender).TargetHostName, certificate as X509Certificate2, chain, errors, authorityPath)));

    private static IEnumerable<string> Complaints(string host, X509Certificate2? certificate, X509Chain? chain, SslPolicyErrors errors, string? authorityPath)
    {
        if (certificate is null)
        {
            yield return "The server did not send a certificate.";
            yield break;
        }

        X509ChainStatusFlags flags = chain?.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, status) => all | status.Status) ?? default;
        if (flags.HasFlag(X509ChainStatusFlags.NotTimeValid))
        {
            yield return OutOfTime(chain!);
        }

        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
        {
            yield return $"The certificate is for {Names(certificate)}, not for {host}. Connect with a name that the certificate contains.";
        }

        // The signature is not valid if another authority has the same name, for example after a cluster was reinstalled.
        const X509ChainStatusFlags Untrusted = X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.PartialChain | X509ChainStatusFlags.NotSignatureValid;
        if ((flags & Untrusted) != 0)
        {
            yield return authorityPath is null
                ? "The certificate is from an authority that is not trusted on this computer. If the cluster has its own authority, specify the certificate of that authority with -CertificateAuthorityPath."
                : $"The certificate is not from an authority in '{authorityPath}'. The file must contain the root certificate, and the server must send the intermediate certificates.";
        }

        const X509ChainStatusFlags Told = Untrusted | X509ChainStatusFlags.NotTimeValid;
        if ((flags & ~Told) != 0)
        {
            yield return $"The certificate is not valid ({flags & ~Told}). The cluster needs another certificate.";
        }
    }

    private static string OutOfTime(X509Chain chain)
    {
        X509ChainElement element = chain.ChainElements.First(e => e.ChainElementStatus.Any(s => s.Status.HasFlag(X509ChainStatusFlags.NotTimeValid)));
        string what = element == chain.ChainElements[0] ? "The certificate" : "A certificate of its authority";
        DateTime from = element.Certificate.NotBefore.ToUniversalTime();
        DateTime until = element.Certificate.NotAfter.ToUniversalTime();
        return DateTime.UtcNow > until
            ? string.Create(CultureInfo.InvariantCulture, $"{what} expired on {until:yyyy-MM-dd HH:mm} UTC. Renew it on the cluster.")
            : string.Create(CultureInfo.InvariantCulture, $"{what} is not valid before {from:yyyy-MM-dd HH:mm} UTC. Check the clocks of this computer and of the cluster.");
    }

    private static string Names(X509Certificate2 certificate)
    {
        X509SubjectAlternativeNameExtension? extension = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault();
        string[] names = extension is null ? [] : [.. extension.EnumerateDnsNames().Concat(extension.EnumerateIPAddresses().Select(a => a.ToString())).Take(5)];
        return ServerText.Clean(names.Length > 0 ? string.Join(", ", names) : certificate.Subject, 120);
    }
}
