using System.Net;

namespace ShakenFist.Blobs.Http;

/// <summary>
/// Uses the selected proxy, except for excluded hosts and for loopback addresses, because a cluster on this computer cannot be reached through another one.
/// </summary>
internal sealed class ClusterProxy(IWebProxy inner, NoProxyList excluded) : IWebProxy
{
    public ICredentials? Credentials
    {
        get => inner.Credentials;
        set => inner.Credentials = value;
    }

    public Uri? GetProxy(Uri destination) => IsBypassed(destination) ? null : inner.GetProxy(destination);

    public bool IsBypassed(Uri host) => host.IsLoopback || excluded.Contains(host) || inner.IsBypassed(host);

    /// <summary>Gets the proxy that the options select, or null. The hosts that the environment excludes are excluded only from the proxy of the environment.</summary>
    public static ClusterProxy? For(SfTransportOptions options) => For(options, HttpClient.DefaultProxy, Environment.GetEnvironmentVariable);

    internal static ClusterProxy? For(SfTransportOptions options, IWebProxy ofEnvironment, Func<string, string?> environment)
    {
        if (options.NoProxy)
        {
            return null;
        }

        IWebProxy proxy = options.Proxy is null ? ofEnvironment : new WebProxy(options.Proxy);
        if (options.ProxyCredential is not null)
        {
            // HttpClient.DefaultProxy is shared by the process: a credential set on it would be used for all requests.
            proxy = options.Proxy is null ? new WithCredential(proxy) : proxy;
            proxy.Credentials = options.ProxyCredential;
        }

        return new ClusterProxy(proxy, options.Proxy is null ? NoProxyList.Of(environment) : new NoProxyList(null));
    }

    /// <summary>Gets the address of the proxy for this URL, without credentials. Null if the URL is reached directly.</summary>
    public string? Describe(Uri url) => GetProxy(url) is { } address && address != url
        ? address.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped)
        : null;

    /// <summary>Gets the password that the proxy for this URL can request, also if it is part of a variable of the environment. Null if there is none.</summary>
    public string? PasswordFor(Uri url) => GetProxy(url) is { } address ? Credentials?.GetCredential(address, "Basic")?.Password : null;

    private sealed class WithCredential(IWebProxy inner) : IWebProxy
    {
        public ICredentials? Credentials { get; set; }

        public Uri? GetProxy(Uri destination) => inner.GetProxy(destination);

        public bool IsBypassed(Uri host) => inner.IsBypassed(host);
    }
}
