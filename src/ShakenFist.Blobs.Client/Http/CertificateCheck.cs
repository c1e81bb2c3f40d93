using System.Globalization;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace ShakenFist.Blobs.Http;

/// <summary>Refuses what .NET refuses of a server's certificate, and says in words what is wrong with it and what to do.</summary>
internal static class CertificateCheck
{
    /// <summary>The check of a session; <paramref name="authorityPath"/> is the file with the authorities that it trusts, or null for the system's.</summary>
    public static RemoteCertificateValidationCallback For(string? authorityPath) => (sender, certificate, chain, errors) =>
        errors == SslPolicyErrors.None
            ? true
            : throw new AuthenticationException(string.Join("; ", Complaints(((SslStream)sender).TargetHostName, certificate as X509Certificate2, chain, errors, authorityPath)) + ".");

    private static IEnumerable<string> Complaints(string host, X509Certificate2? certificate, X509Chain? chain, SslPolicyErrors errors, string? authorityPath)
    {
        if (certificate is null)
        {
            yield return "it shows no certificate";
            yield break;
        }

        X509ChainStatusFlags flags = chain?.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, status) => all | status.Status) ?? default;
        if (flags.HasFlag(X509ChainStatusFlags.NotTimeValid))
        {
            yield return OutOfTime(chain!);
        }

        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
        {
            yield return $"its certificate is for {Names(certificate)}, not for {host}: connect by a name that it is for";
        }

        // A wrong signature is one of an authority that has the right one's name only, as when a cluster was set up anew.
        const X509ChainStatusFlags Untrusted = X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.PartialChain | X509ChainStatusFlags.NotSignatureValid;
        if ((flags & Untrusted) != 0)
        {
            yield return authorityPath is null
                ? "its certificate comes from an authority that is not trusted here: if it is the cluster's own, give that authority's certificate with -CertificateAuthority"
                : $"its certificate does not lead to an authority in '{authorityPath}': -CertificateAuthority needs the root certificate, and the server has to send those in between";
        }

        const X509ChainStatusFlags Told = Untrusted | X509ChainStatusFlags.NotTimeValid;
        if ((flags & ~Told) != 0)
        {
            yield return $"its certificate is refused ({flags & ~Told}): the cluster needs another one";
        }
    }

    private static string OutOfTime(X509Chain chain)
    {
        X509ChainElement element = chain.ChainElements.First(e => e.ChainElementStatus.Any(s => s.Status.HasFlag(X509ChainStatusFlags.NotTimeValid)));
        string what = element == chain.ChainElements[0] ? "its certificate" : "a certificate of its authority";
        DateTime from = element.Certificate.NotBefore.ToUniversalTime();
        DateTime until = element.Certificate.NotAfter.ToUniversalTime();
        return DateTime.UtcNow > until
            ? string.Create(CultureInfo.InvariantCulture, $"{what} ended on {until:yyyy-MM-dd HH:mm} UTC: it has to be renewed on the cluster's side")
            : string.Create(CultureInfo.InvariantCulture, $"{what} begins only on {from:yyyy-MM-dd HH:mm} UTC: check the clock of this machine and the cluster's");
    }

    private static string Names(X509Certificate2 certificate)
    {
        X509SubjectAlternativeNameExtension? extension = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault();
        string[] names = extension is null ? [] : [.. extension.EnumerateDnsNames().Concat(extension.EnumerateIPAddresses().Select(a => a.ToString())).Take(5)];
        return ServerText.Clean(names.Length > 0 ? string.Join(", ", names) : certificate.Subject, 120);
    }
}
