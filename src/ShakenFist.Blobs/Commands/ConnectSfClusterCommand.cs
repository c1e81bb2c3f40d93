using System.Management.Automation;
using System.Net;
using System.Security;
using ShakenFist.Blobs.Pipeline;

namespace ShakenFist.Blobs.Commands;

/// <summary>Connects to a Shaken Fist cluster and makes the session this runspace's default.</summary>
[Cmdlet(VerbsCommunications.Connect, "SfCluster", DefaultParameterSetName = CredentialSet)]
[OutputType(typeof(SfSession))]
public sealed class ConnectSfClusterCommand : SfCmdlet
{
    private const string CredentialSet = "Credential";
    private const string KeySet = "Key";

    /// <summary>Base URL of the cluster's API, with its path where it has one, such as https://sf.example.com/api.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    public string? ApiUrl { get; set; }

    /// <summary>The namespace as user name and its key as password. Given a name alone, the key is asked for.</summary>
    [Parameter(Position = 1, ParameterSetName = CredentialSet)]
    [ValidateNotNull]
    [Credential]
    public PSCredential? Credential { get; set; }

    /// <summary>The namespace to authenticate as.</summary>
    [Parameter(ParameterSetName = KeySet, Mandatory = true)]
    [ValidateNotNullOrEmpty]
    public string? Namespace { get; set; }

    /// <summary>A key of the namespace.</summary>
    [Parameter(ParameterSetName = KeySet)]
    [ValidateNotNull]
    public SecureString? Key { get; set; }

    /// <summary>A PEM file with the certificate authorities to trust for this cluster instead of the system's. A cluster usually makes its own.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? CertificateAuthority { get; set; }

    /// <summary>Accept any certificate. Anyone on the way can then read the key and change the data: for tests only.</summary>
    [Parameter]
    public SwitchParameter SkipCertificateCheck { get; set; }

    /// <summary>The proxy to use. Without it the environment's is used; a cluster on this machine is never reached through a proxy.</summary>
    [Parameter]
    [ValidateNotNull]
    public Uri? Proxy { get; set; }

    /// <summary>User name and password for the proxy.</summary>
    [Parameter]
    [ValidateNotNull]
    [Credential]
    public PSCredential? ProxyCredential { get; set; }

    /// <summary>Use no proxy, whatever the environment says.</summary>
    [Parameter]
    public SwitchParameter NoProxy { get; set; }

    /// <summary>Seconds to wait for a connection, 15 unless told otherwise.</summary>
    [Parameter]
    [ValidateRange(1, 3600)]
    public int ConnectionTimeoutSeconds { get; set; } = 15;

    /// <summary>Seconds without a single byte after which an answer counts as dead, 30 unless told otherwise.</summary>
    [Parameter]
    [ValidateRange(1, 3600)]
    public int OperationTimeoutSeconds { get; set; } = 30;

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        SecureString? secret = Credential?.Password ?? Key;
        string? key = secret is null ? null : new NetworkCredential(string.Empty, secret).Password;
        try
        {
            WriteObject(Connect(ApiUrl, Credential?.UserName ?? Namespace, key, TransportOptions(), announce: false));
        }
        catch (SfException e)
        {
            // An error record shows its target, and an address may hold a password.
            ThrowTerminatingError(ErrorRecords.Of(e, ApiUrl?.Contains('@') == true ? null : ApiUrl));
        }
    }

    private SfTransportOptions TransportOptions() => new()
    {
        ConnectTimeout = TimeSpan.FromSeconds(ConnectionTimeoutSeconds),
        IdleTimeout = TimeSpan.FromSeconds(OperationTimeoutSeconds),
        SkipCertificateCheck = SkipCertificateCheck,
        CertificateAuthorityPath = CertificateAuthority is null ? null : GetUnresolvedProviderPathFromPSPath(CertificateAuthority),
        Proxy = Proxy,
        ProxyCredential = ProxyCredential?.GetNetworkCredential(),
        NoProxy = NoProxy,
    };
}
