using System.Reflection;
using static ShakenFist.Blobs.SfErrorCategory;

namespace ShakenFist.Blobs;

/// <summary>The error table: every id that a command of this module can report, with its category and what to do.</summary>
public static class SfErrors
{
    // Configuration and session

    /// <summary>No API URL, namespace or key was found.</summary>
    public static readonly SfError NotConfigured = new(nameof(NotConfigured), InvalidOperation,
        "Run Connect-SfCluster with -ApiUrl and -Credential, or set SHAKENFIST_API_URL, SHAKENFIST_NAMESPACE and SHAKENFIST_KEY.");

    /// <summary>A configuration file exists but cannot be read or understood.</summary>
    public static readonly SfError ConfigurationInvalid = new(nameof(ConfigurationInvalid), InvalidData,
        "Repair or remove the file: it must be JSON with the text members apiurl, namespace and key. Or give -ApiUrl and -Credential to Connect-SfCluster.");

    /// <summary>The only key at hand belongs to another URL.</summary>
    public static readonly SfError KeyForOtherUrl = new(nameof(KeyForOtherUrl), SecurityError,
        "Give the key that belongs to this URL, with -Credential, or with -Namespace and -Key; or leave the URL out to use the one the key is for.");

    /// <summary>The API URL is not one that can be used.</summary>
    public static readonly SfError ApiUrlInvalid = new(nameof(ApiUrlInvalid), InvalidArgument,
        "Give an absolute http or https URL without user name, query or fragment, such as https://sf.example.com/api.");

    /// <summary>The session has been disconnected.</summary>
    public static readonly SfError SessionClosed = new(nameof(SessionClosed), InvalidOperation,
        "Connect again with Connect-SfCluster.");

    /// <summary>A certificate authority file cannot be used.</summary>
    public static readonly SfError CertificateAuthorityInvalid = new(nameof(CertificateAuthorityInvalid), InvalidData,
        "Give a PEM file that holds at least one CERTIFICATE block.");

    // Authentication and permission

    /// <summary>The server knows no such namespace.</summary>
    public static readonly SfError NamespaceNotFound = new(nameof(NamespaceNotFound), AuthenticationError,
        "Check the namespace's spelling; its name is the credential's user name.");

    /// <summary>The key is wrong or has expired.</summary>
    public static readonly SfError AuthenticationFailed = new(nameof(AuthenticationFailed), AuthenticationError,
        "Check the key, and whether it has expired or been replaced.");

    /// <summary>A fresh token was refused as well.</summary>
    public static readonly SfError TokenRejected = new(nameof(TokenRejected), AuthenticationError,
        "The key may have been removed or changed since: connect again with Connect-SfCluster.");

    /// <summary>The call is reserved for administrators.</summary>
    public static readonly SfError AdministratorRequired = new(nameof(AdministratorRequired), PermissionDenied,
        "Only the system namespace may list all blobs. Connect as it, or name the blobs by -Uuid, which any namespace may.");

    /// <summary>The server forbids it (403).</summary>
    public static readonly SfError AccessForbidden = new(nameof(AccessForbidden), PermissionDenied,
        "Use a namespace or a key that is allowed to do this.");

    // The server's answers

    /// <summary>There is no blob with this UUID.</summary>
    public static readonly SfError BlobNotFound = new(nameof(BlobNotFound), ObjectNotFound,
        "Check the UUID. A deleted blob is forgotten after about an hour.");

    /// <summary>The record exists but no node holds the data.</summary>
    public static readonly SfError BlobDataMissing = new(nameof(BlobDataMissing), ObjectNotFound,
        "No node of the cluster has the data: see the blob's Locations. It may still be in the making, or be lost.");

    /// <summary>Something else was not found (404).</summary>
    public static readonly SfError ResourceNotFound = new(nameof(ResourceNotFound), ObjectNotFound,
        "Check that -ApiUrl is the address of a Shaken Fist API, with its path if it has one, such as https://sf.example.com/api.");

    /// <summary>The server refused the form of the request (400).</summary>
    public static readonly SfError RequestRefused = new(nameof(RequestRefused), InvalidArgument,
        "The message says what the server did not accept.");

    /// <summary>The server does not know the method here (405, 501).</summary>
    public static readonly SfError MethodNotSupported = new(nameof(MethodNotSupported), SfErrorCategory.NotImplemented,
        "This server does not offer the call: its release may be too old.");

    /// <summary>The object is not ready (406).</summary>
    public static readonly SfError NotReady = new(nameof(NotReady), ResourceUnavailable,
        "Try again when the object is ready.");

    /// <summary>The object's state does not allow it (409).</summary>
    public static readonly SfError StateConflict = new(nameof(StateConflict), ResourceExists,
        "Look at the object's state and try again when it allows this.");

    /// <summary>Too many requests (429).</summary>
    public static readonly SfError TooManyRequests = new(nameof(TooManyRequests), SfErrorCategory.ResourceBusy,
        "Wait a while and try again, with fewer requests at once.");

    /// <summary>The server failed (500 and its like).</summary>
    public static readonly SfError ServerError = new(nameof(ServerError), NotSpecified,
        "The failure is on the server's side: look up the request id in the cluster's logs.");

    /// <summary>The server or the front end before it is away (502, 503).</summary>
    public static readonly SfError ServerUnavailable = new(nameof(ServerUnavailable), ResourceUnavailable,
        "The cluster, or the front end before it, is away or overloaded: try again later.");

    /// <summary>The cluster has not the resources (507).</summary>
    public static readonly SfError InsufficientResources = new(nameof(InsufficientResources), ResourceUnavailable,
        "The cluster is short of resources: try again later, or ask its administrator.");

    /// <summary>A redirect where none may be.</summary>
    public static readonly SfError UnexpectedRedirect = new(nameof(UnexpectedRedirect), ProtocolError,
        "Nothing was followed and no key was sent there. If the cluster has moved, give its new address to Connect-SfCluster -ApiUrl.");

    /// <summary>A status this protocol does not use.</summary>
    public static readonly SfError UnexpectedStatus = new(nameof(UnexpectedStatus), ProtocolError,
        "Check that -ApiUrl is the address of a Shaken Fist API and that no other server answers for it.");

    /// <summary>The answer is not what this call returns: a page, another type, an encoding that was not asked for.</summary>
    public static readonly SfError UnexpectedContent = new(nameof(UnexpectedContent), ProtocolError,
        "Something between here and the cluster may have answered in its place (a proxy, a load balancer): check -ApiUrl.");

    /// <summary>The answer ended early or is not valid JSON.</summary>
    public static readonly SfError InvalidResponse = new(nameof(InvalidResponse), ProtocolError,
        "Try again; if it stays, look up the request id in the cluster's logs.");

    /// <summary>The server does not announce the capability.</summary>
    public static readonly SfError CapabilityMissing = new(nameof(CapabilityMissing), SfErrorCategory.NotImplemented,
        "The cluster's release does not offer this: see the message for what it does offer.");

    /// <summary>No blob has this hash.</summary>
    public static readonly SfError HashNotFound = new(nameof(HashNotFound), ObjectNotFound,
        "The cluster computes checksums in the background: a blob made lately may not have its own yet.");

    /// <summary>The blob's metadata has no such key.</summary>
    public static readonly SfError MetadataKeyNotFound = new(nameof(MetadataKeyNotFound), ObjectNotFound,
        "Get-SfBlobMetadata shows the keys there are; they are told apart by upper and lower case.");

    /// <summary>The key exists already.</summary>
    public static readonly SfError MetadataKeyExists = new(nameof(MetadataKeyExists), ResourceExists,
        "Use Set-SfBlobMetadata to change it, or -Force.");

    /// <summary>A hash whose algorithm is not named, or that is not of the named one's form.</summary>
    public static readonly SfError HashInvalid = new(nameof(HashInvalid), InvalidArgument,
        "Name the algorithm with -Algorithm, and give as many hex digits as it has: SHA512 128, SHA256 64, SHA1 40, XXH128 32.");

    /// <summary>A key or value that the server cannot store.</summary>
    public static readonly SfError MetadataValueRefused = new(nameof(MetadataValueRefused), InvalidArgument,
        "Store it as text, such as '0' or 'false', or remove the key.");

    /// <summary>The blob ended in a state it will not leave.</summary>
    public static readonly SfError BlobStateFinal = new(nameof(BlobStateFinal), InvalidOperation,
        "Get-SfBlobEvent tells what happened to the blob where the cluster offers events.");

    /// <summary>What was waited for did not come in time.</summary>
    public static readonly SfError WaitTimeout = new(nameof(WaitTimeout), OperationTimeout,
        "Wait longer with -TimeoutSeconds, or look at the blob with Get-SfBlob.");

    // The network

    /// <summary>No connection could be made, or it broke.</summary>
    public static readonly SfError ConnectionFailed = new(nameof(ConnectionFailed), ConnectionError,
        "Check that the cluster is up and that its address and port are right: Get-SfSession shows them.");

    /// <summary>The host's name has no address.</summary>
    public static readonly SfError HostNotFound = new(nameof(HostNotFound), ConnectionError,
        "Check the spelling of the host in -ApiUrl, and the name resolution of this machine.");

    /// <summary>The server's certificate is not trusted, or TLS failed otherwise.</summary>
    public static readonly SfError TlsFailed = new(nameof(TlsFailed), SecurityError,
        "If the cluster made its own certificate authority, give its certificate with Connect-SfCluster -CertificateAuthority.");

    /// <summary>The proxy refused or failed.</summary>
    public static readonly SfError ProxyFailed = new(nameof(ProxyFailed), ConnectionError,
        "Check -Proxy and -ProxyCredential, or connect with -NoProxy.");

    /// <summary>Several requests in a row did not reach the cluster, so this one was not sent.</summary>
    public static readonly SfError ClusterUnreachable = new(nameof(ClusterUnreachable), ResourceUnavailable,
        "Several requests in a row did not reach the cluster, so this one was not sent. Run the command again: its first request is always sent.");

    /// <summary>No answer in time.</summary>
    public static readonly SfError RequestTimeout = new(nameof(RequestTimeout), OperationTimeout,
        "The cluster took the request and did not answer in time: try again later.");

    /// <summary>The answer began and then nothing more came.</summary>
    public static readonly SfError ResponseStalled = new(nameof(ResponseStalled), OperationTimeout,
        "The connection went silent in the middle of an answer: try again.");

    // Transfers

    /// <summary>The blob has no data yet, or none any more.</summary>
    public static readonly SfError BlobNotReady = new(nameof(BlobNotReady), ResourceUnavailable,
        "Wait until the blob's state is created and its size is known.");

    /// <summary>Attempts in a row brought nothing.</summary>
    public static readonly SfError TransferInterrupted = new(nameof(TransferInterrupted), ConnectionError,
        "Run the same command again when the cluster can be reached.");

    /// <summary>The server sends another number of bytes than the blob has.</summary>
    public static readonly SfError DataLengthMismatch = new(nameof(DataLengthMismatch), InvalidData,
        "The data the cluster holds is not the blob's length: it is damaged there. Tell the cluster's administrator.");

    /// <summary>The bytes are not those whose hash was published.</summary>
    public static readonly SfError HashMismatch = new(nameof(HashMismatch), InvalidData,
        "The data is damaged in the cluster or was on its way: do not use it. Try again, and if it stays, tell the cluster's administrator.");

    /// <summary>Verification is required, and the cluster has published no hash.</summary>
    public static readonly SfError ChecksumNotPublished = new(nameof(ChecksumNotPublished), ResourceUnavailable,
        "The cluster computes checksums in the background: try again later. Save-SfBlobData takes the length for enough with -Verification IfAvailable.");

    /// <summary>The time given is over.</summary>
    public static readonly SfError DeadlineReached = new(nameof(DeadlineReached), OperationTimeout,
        "What has arrived is kept: the same command, with a later -Deadline or none, goes on from there.");

    /// <summary>The temporary file beside the target belongs to another transfer.</summary>
    public static readonly SfError TransferConflict = new(nameof(TransferConflict), ResourceExists,
        "Get-SfBlobTransfer shows it. Resume or remove it, save to another -Path, or give it up with -Force.");

    /// <summary>What is left of a transfer cannot be resumed.</summary>
    public static readonly SfError TransferNotResumable = new(nameof(TransferNotResumable), InvalidData,
        "Remove it with Remove-SfBlobTransfer and save the blob again with Save-SfBlobData.");

    /// <summary>There is no interrupted transfer there.</summary>
    public static readonly SfError TransferNotFound = new(nameof(TransferNotFound), ObjectNotFound,
        "Get-SfBlobTransfer lists the interrupted transfers of a directory, with -Recurse also of those below it.");

    /// <summary>More bytes than can be made one text.</summary>
    public static readonly SfError TextTooLong = new(nameof(TextTooLong), InvalidArgument,
        "Ask for less with -First, -Last or -Length, or save the blob to a file with Save-SfBlobData and read that.");

    // Files

    /// <summary>The target exists and is something else.</summary>
    public static readonly SfError TargetExists = new(nameof(TargetExists), ResourceExists,
        "Use -Force to replace it, or another -Path.");

    /// <summary>Two blobs of one pipeline have the same target.</summary>
    public static readonly SfError TargetRepeated = new(nameof(TargetRepeated), InvalidArgument,
        "Give a directory as -Path, so that each blob gets its own file name.");

    /// <summary>The target cannot be a file.</summary>
    public static readonly SfError TargetNotFile = new(nameof(TargetNotFile), InvalidArgument,
        "Give the name of an ordinary file, or of a directory that exists.");

    /// <summary>The target's directory does not exist.</summary>
    public static readonly SfError DirectoryNotFound = new(nameof(DirectoryNotFound), ObjectNotFound,
        "Make the directory first, or give another -Path.");

    /// <summary>The path belongs to another provider than the file system.</summary>
    public static readonly SfError PathNotFileSystem = new(nameof(PathNotFileSystem), InvalidArgument,
        "Give a path on a FileSystem drive.");

    /// <summary>A wildcard path names no directory, or several.</summary>
    public static readonly SfError PathAmbiguous = new(nameof(PathAmbiguous), InvalidArgument,
        "Wildcards in -Path may only name one place that exists. Use -LiteralPath where the characters are meant as they are.");

    /// <summary>Nothing tells in which format to write a graph.</summary>
    public static readonly SfError GraphFormatUnknown = new(nameof(GraphFormatUnknown), InvalidArgument,
        "Name the format with -Format, or give a path that ends in .html, .mmd, .md, .dot or .gv.");

    /// <summary>Another process is writing the same target.</summary>
    public static readonly SfError TargetBusy = new(nameof(TargetBusy), SfErrorCategory.ResourceBusy,
        "Wait until the other transfer to this file has ended.");

    /// <summary>Another process interfered with a file of the transfer.</summary>
    public static readonly SfError TargetChanged = new(nameof(TargetChanged), InvalidOperation,
        "Find out which program writes to this directory. Then run the same command again.");

    /// <summary>There is no such local file.</summary>
    public static readonly SfError FileNotFound = new(nameof(FileNotFound), ObjectNotFound,
        "Check the path. Use -LiteralPath where characters such as [ ] are meant as they are.");

    /// <summary>The disk has no room.</summary>
    public static readonly SfError DiskFull = new(nameof(DiskFull), WriteError,
        "Make room, or save to another place.");

    /// <summary>The file system does not permit it.</summary>
    public static readonly SfError FileAccessDenied = new(nameof(FileAccessDenied), PermissionDenied,
        "Choose a place where you may write.");

    /// <summary>The file system failed.</summary>
    public static readonly SfError FileFailed = new(nameof(FileFailed), WriteError,
        "Check the disk and the path.");

    /// <summary>Whether the same request can succeed later without any change by the user, so that waiting and retrying is useful.</summary>
    internal static bool IsTransient(SfError error) => error.Id is nameof(ConnectionFailed) or nameof(HostNotFound) or nameof(ProxyFailed)
        or nameof(ClusterUnreachable) or nameof(RequestTimeout) or nameof(ResponseStalled) or nameof(ServerUnavailable) or nameof(ServerError)
        or nameof(TooManyRequests) or nameof(NotReady) or nameof(InsufficientResources) or nameof(InvalidResponse) or nameof(UnexpectedContent);

    /// <summary>Every row, in the order above.</summary>
    public static IReadOnlyList<SfError> All { get; } =
        [.. typeof(SfErrors).GetFields(BindingFlags.Public | BindingFlags.Static).Where(f => f.FieldType == typeof(SfError)).Select(f => (SfError)f.GetValue(null)!)];
}
