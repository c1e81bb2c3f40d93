namespace ShakenFist.Blobs;

/// <summary>The options of connections to a cluster: time limits, trust, and proxy.</summary>
public sealed record SfTransportOptions
{
    /// <summary>Gets the time limit to establish a connection, including TLS, to any address of the host.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Gets the time limit from sending a request to the head of its response. The server ends each request after 30 s.</summary>
    public TimeSpan AttemptTimeout { get; init; } = TimeSpan.FromSeconds(45);

    /// <summary>Gets how long the body of a response can send no data before it is abandoned.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets the pause before the first retry of a request or a transfer. It doubles with each retry.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromMilliseconds(400);

    /// <summary>Gets whether any certificate is accepted. Then the identity of the cluster is not verified.</summary>
    public bool SkipCertificateCheck { get; init; }

    /// <summary>Gets the path of a PEM file with the authorities to trust instead of those of the system.</summary>
    public string? CertificateAuthorityPath { get; init; }

    /// <summary>Gets the proxy. Null for the proxy of the environment.</summary>
    public Uri? Proxy { get; init; }

    /// <summary>Gets the user name and the password for the proxy.</summary>
    public System.Net.NetworkCredential? ProxyCredential { get; init; }

    /// <summary>Gets whether no proxy is used, even if the environment specifies one.</summary>
    public bool NoProxy { get; init; }

    /// <summary>Gets the length of each data request in bytes. Null to derive it from the observed rate.</summary>
    internal long? RequestBytes { get; init; }

    /// <summary>Gets the length in bytes of the blocks and of the shortest work range. Null to derive it from the size of the blob.</summary>
    internal long? BlockBytes { get; init; }

    /// <summary>Gets the time after which a request is no longer in progress: the time limit of the server, and a little more.</summary>
    internal TimeSpan ServerTimeLimit { get; init; } = TimeSpan.FromSeconds(32);

    /// <summary>Gets the object that establishes connections. Null for real sockets.</summary>
    internal Http.AddressRace? AddressRace { get; init; }

    /// <summary>Gets the clock.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Returns the time limits, and nothing that can contain a password.</summary>
    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture,
        $"connect timeout {ConnectTimeout.TotalSeconds:0.#} s, response timeout {AttemptTimeout.TotalSeconds:0.#} s, idle timeout {IdleTimeout.TotalSeconds:0.#} s");
}
