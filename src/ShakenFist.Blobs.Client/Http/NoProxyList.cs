using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace ShakenFist.Blobs.Http;

/// <summary>
/// The hosts that the variable <c>NO_PROXY</c> excludes, as curl 8 reads it: <c>*</c> alone, domains with their subdomains, addresses, and networks such as
/// <c>10.0.0.0/8</c>. As for the Python client, an entry can be limited to a port. .NET itself supports only part of this.
/// </summary>
internal sealed class NoProxyList(string? value)
{
    private readonly string[] _entries = (value ?? "").Split([',', ' ', '\t'], StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Reads the variable. An empty lower-case one is ignored.</summary>
    public static NoProxyList Of(Func<string, string?> environment) =>
        new(environment("no_proxy") is { Length: > 0 } lower ? lower : environment("NO_PROXY"));

    /// <summary>Returns whether the host of this URL is excluded.</summary>
    public bool Contains(Uri url)
    {
        string host = url.IdnHost.TrimEnd('.');
        IPAddress? address = IPAddress.TryParse(host, out IPAddress? parsed) ? parsed : null;
        return _entries is ["*"] || Array.Exists(_entries, entry => IsHost(entry, host, address) || (WithoutPort(entry, url.Port) is { } name && IsHost(name, host, address)));
    }

    private static bool IsHost(string entry, string host, IPAddress? address)
    {
        if (address is not null)
        {
            return IsInNetwork(entry, address);
        }

        ReadOnlySpan<char> domain = entry.AsSpan().Trim('.');
        return domain.Length > 0 && host.AsSpan().EndsWith(domain, StringComparison.OrdinalIgnoreCase)
            && (host.Length == domain.Length || host[host.Length - domain.Length - 1] == '.');
    }

    private static bool IsInNetwork(string entry, IPAddress address)
    {
        string[] parts = entry.Split('/', 2);
        if (!IPAddress.TryParse(parts[0].Trim('[', ']'), out IPAddress? network) || network.AddressFamily != address.AddressFamily
            || (address.AddressFamily == AddressFamily.InterNetwork && parts[0].Count(c => c == '.') != 3))
        {
            return false;
        }

        byte[] bytes = network.GetAddressBytes();
        int bits = bytes.Length * 8;
        if (parts.Length == 2 && !(int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out bits) && bits <= bytes.Length * 8))
        {
            return false;
        }

        byte[] others = address.GetAddressBytes();
        for (int i = 0; i < bits; i++)
        {
            if (((bytes[i / 8] ^ others[i / 8]) >> (7 - i % 8) & 1) != 0)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Gets the host of an entry that is limited to this port. Null for another port or none.</summary>
    private static string? WithoutPort(string entry, int port)
    {
        string suffix = ":" + port.ToString(CultureInfo.InvariantCulture);
        string host = entry.EndsWith(suffix, StringComparison.Ordinal) ? entry[..^suffix.Length] : "";
        return host.Length > 0 && (!host.Contains(':', StringComparison.Ordinal) || host[^1] == ']') ? host : null;
    }
}
