using System.Management.Automation;
using System.Net;
using System.Security;
using ShakenFist.Blobs.Parameters;
using ShakenFist.Blobs.Pipeline;

namespace ShakenFist.Blobs.Commands;

/// <summary>Connects to a Shaken Fist cluster and makes the session the default of this runspace.</summary>
[Cmdlet(VerbsCommunications.Connect, "ShakenFist", DefaultParameterSetName = CredentialSet)]
[OutputType(typeof(SfSession))]
public sealed class ConnectShakenFistCommand : SfCmdlet
{
    private const string CredentialSet = "Credential";
    private const string KeySet = "Key";

    /// <summary>Specifies the base URL of the API, including its path if it has one, such as https://sf.example.com/api.</summary>
    [Parameter(Position = 0)]
    [Alias("Uri")]
    [ValidateNotNull]
    public Uri? ApiUrl { get; set; }

    /// <summary>Specifies the namespace as the user name and its key as the password. If you specify only a name, you are prompted for the key.</summary>
    [Parameter(Position = 1, ParameterSetName = CredentialSet)]
    [ValidateNotNull]
    [Credential]
    public PSCredential? Credential { get; set; }

    /// <summary>Specifies the namespace.</summary>
    [Parameter(ParameterSetName = KeySet, Mandatory = true)]
    [ValidateNotNullOrEmpty]
    public string? Namespace { get; set; }

    /// <summary>Specifies a key of the namespace.</summary>
    [Parameter(ParameterSetName = KeySet)]
    [ValidateNotNull]
    public SecureString? Key { get; set; }

    /// <summary>Specifies a PEM file with the certificate authorities to trust instead of those of the system. Most clusters have their own authority.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? CertificateAuthorityPath { get; set; }

    /// <summary>Accepts any certificate. Other computers on the network path can then read the key and change the data. Use it only for tests.</summary>
    [Parameter]
    public SwitchParameter SkipCertificateCheck { get; set; }

    /// <summary>Specifies the proxy. By default, the proxy of the environment is used. A cluster on this computer is never reached through a proxy.</summary>
    [Parameter]
    [ValidateNotNull]
    public Uri? Proxy { get; set; }

    /// <summary>Specifies the user name and the password for the proxy.</summary>
    [Parameter]
    [ValidateNotNull]
    [Credential]
    public PSCredential? ProxyCredential { get; set; }

    /// <summary>Uses no proxy, even if the environment specifies one.</summary>
    [Parameter]
    public SwitchParameter NoProxy { get; set; }

    /// <summary>Specifies how long to wait for a connection, in seconds. The default is 15.</summary>
    [Parameter]
    [ValidateRange(1, 3600)]
    public int ConnectionTimeoutSeconds { get; set; } = 15;

    /// <summary>Specifies how long to wait, in seconds, when a response sends no data. The default is 30.</summary>
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
            WriteObject(Connect(ApiUrl?.OriginalString, Credential?.UserName ?? Namespace, key, TransportOptions(), announce: false));
        }
        catch (SfException e)
        {
            // An error record shows its target, and a URL can contain a password.
            ThrowTerminatingError(ErrorRecords.Of(e, ApiUrl?.OriginalString.Contains('@') == true ? null : ApiUrl?.OriginalString));
        }
    }

    private string Resolve(string path) =>
        FileSystemPath.Resolve(path, () => ([SessionState.Path.GetUnresolvedProviderPathFromPSPath(path, out ProviderInfo provider, out _)], provider))[0];

    private SfTransportOptions TransportOptions() => new()
    {
        ConnectTimeout = TimeSpan.FromSeconds(ConnectionTimeoutSeconds),
        IdleTimeout = TimeSpan.FromSeconds(OperationTimeoutSeconds),
        SkipCertificateCheck = SkipCertificateCheck,
        CertificateAuthorityPath = CertificateAuthorityPath is { } path ? Resolve(path) : null,
        Proxy = Proxy,
        ProxyCredential = ProxyCredential?.GetNetworkCredential(),
        NoProxy = NoProxy,
    };
}
