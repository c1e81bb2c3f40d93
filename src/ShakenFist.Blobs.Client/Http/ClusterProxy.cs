using System.Net;

namespace ShakenFist.Blobs.Http;

/// <summary>The chosen proxy, but never for loopback: a cluster on this machine is not reached through another one.</summary>
internal sealed class ClusterProxy(IWebProxy inner) : IWebProxy
{
    public ICredentials? Credentials
    {
        get => inner.Credentials;
        set => inner.Credentials = value;
    }

    public Uri? GetProxy(Uri destination) => IsBypassed(destination) ? null : inner.GetProxy(destination);

    public bool IsBypassed(Uri host) => host.IsLoopback || inner.IsBypassed(host);

    /// <summary>The proxy that the options choose, or null for none.</summary>
    public static ClusterProxy? For(SfTransportOptions options)
    {
        if (options.NoProxy)
        {
            return null;
        }

        IWebProxy proxy = options.Proxy is null ? HttpClient.DefaultProxy : new WebProxy(options.Proxy);
        if (options.ProxyCredential is not null)
        {
            // HttpClient.DefaultProxy is the whole process's: a credential set on it would go to everyone's requests.
            proxy = options.Proxy is null ? new WithCredential(proxy) : proxy;
            proxy.Credentials = options.ProxyCredential;
        }

        return new ClusterProxy(proxy);
    }

    /// <summary>The proxy's address for this URL, without credentials, or null if it is reached directly.</summary>
    public string? Describe(Uri url) => GetProxy(url) is { } address && address != url
        ? address.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped)
        : null;

    private sealed class WithCredential(IWebProxy inner) : IWebProxy
    {
        public ICredentials? Credentials { get; set; }

        public Uri? GetProxy(Uri destination) => inner.GetProxy(destination);

        public bool IsBypassed(Uri host) => inner.IsBypassed(host);
    }
}
