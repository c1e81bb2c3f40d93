namespace ShakenFist.Blobs;

/// <summary>How a session reaches its cluster: time limits, trust and proxy.</summary>
public sealed record SfTransportOptions
{
    /// <summary>Time to make a connection, TLS included, by whichever of the host's addresses.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Time from sending a request to the head of its answer. The server itself gives up after 30 s.</summary>
    public TimeSpan AttemptTimeout { get; init; } = TimeSpan.FromSeconds(45);

    /// <summary>Time without a single byte after which the body of an answer counts as dead.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>First pause before a request or a transfer is tried again; it doubles each time.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromMilliseconds(400);

    /// <summary>Accept any certificate. Then nothing proves that the other end is the cluster.</summary>
    public bool SkipCertificateCheck { get; init; }

    /// <summary>Path of a PEM file with the authorities to trust instead of the system's.</summary>
    public string? CertificateAuthorityPath { get; init; }

    /// <summary>The proxy; null means the environment's.</summary>
    public Uri? Proxy { get; init; }

    /// <summary>User name and password for the proxy.</summary>
    public System.Net.NetworkCredential? ProxyCredential { get; init; }

    /// <summary>Use no proxy at all, whatever the environment says.</summary>
    public bool NoProxy { get; init; }

    /// <summary>Bytes of each data request. Null sizes them by the rate observed.</summary>
    internal long? RequestBytes { get; init; }

    /// <summary>Bytes of the blocks and of the shortest work range. Null sizes them by the blob.</summary>
    internal long? BlockBytes { get; init; }

    /// <summary>What makes connections; null means real sockets.</summary>
    internal Http.AddressRace? AddressRace { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>The time limits, and nothing that may hold a password.</summary>
    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture,
        $"connect timeout {ConnectTimeout.TotalSeconds:0.#} s, response timeout {AttemptTimeout.TotalSeconds:0.#} s, idle timeout {IdleTimeout.TotalSeconds:0.#} s");
}
