using System.Reflection;
using static ShakenFist.Blobs.SfErrorCategory;

namespace ShakenFist.Blobs;

/// <summary>Lists the error ids that the commands of this module can report, each with its category and the recommended action.</summary>
public static class SfErrors
{
    // Configuration and session

    /// <summary>No API URL, namespace or key was found, or it is empty.</summary>
    public static readonly SfError NotConfigured = new(nameof(NotConfigured), InvalidOperation,
        "Run Connect-ShakenFist with -ApiUrl and -Credential, or set the environment variables SHAKENFIST_API_URL, SHAKENFIST_NAMESPACE, and SHAKENFIST_KEY.");

    /// <summary>A configuration file exists but cannot be read or is not valid.</summary>
    public static readonly SfError ConfigurationInvalid = new(nameof(ConfigurationInvalid), InvalidData,
        "Correct or remove the file. It must be a JSON object in UTF-8 with the string members apiurl, namespace, and key. Or run Connect-ShakenFist with -ApiUrl and -Credential.");

    /// <summary>The only key that was found belongs to another URL.</summary>
    public static readonly SfError KeyForOtherUrl = new(nameof(KeyForOtherUrl), SecurityError,
        "Run Connect-ShakenFist with the key of this URL, in -Credential or in -Namespace and -Key. Or omit -ApiUrl, or remove the variable SHAKENFIST_API_URL, to use the URL that the key belongs to.");

    /// <summary>The API URL is not valid.</summary>
    public static readonly SfError ApiUrlInvalid = new(nameof(ApiUrlInvalid), InvalidArgument,
        "Specify an absolute http or https URL without a user name, query, or fragment, such as https://sf.example.com/api.");

    /// <summary>The session has been disconnected.</summary>
    public static readonly SfError SessionClosed = new(nameof(SessionClosed), InvalidOperation,
        "Run Connect-ShakenFist to connect again.");

    /// <summary>The certificate authority file cannot be used.</summary>
    public static readonly SfError CertificateAuthorityInvalid = new(nameof(CertificateAuthorityInvalid), InvalidData,
        "Run Connect-ShakenFist with a -CertificateAuthorityPath file in PEM format that contains at least one CERTIFICATE block.");

    // Authentication and permission

    /// <summary>The namespace does not exist, or cannot exist on any cluster.</summary>
    public static readonly SfError NamespaceNotFound = new(nameof(NamespaceNotFound), AuthenticationError,
        "Check the spelling of the namespace, which is the user name of the credential. Then run Connect-ShakenFist again.");

    /// <summary>The key is not correct or has expired.</summary>
    public static readonly SfError AuthenticationFailed = new(nameof(AuthenticationFailed), AuthenticationError,
        "Check whether the key is correct, has expired, or has been replaced. Then run Connect-ShakenFist again.");

    /// <summary>The server rejected a new token as well.</summary>
    public static readonly SfError TokenRejected = new(nameof(TokenRejected), AuthenticationError,
        "Run Connect-ShakenFist to connect again. If the error persists, check whether the key has been removed or changed, and whether the namespace has the required permission.");

    /// <summary>The call requires the system namespace.</summary>
    public static readonly SfError AdministratorRequired = new(nameof(AdministratorRequired), PermissionDenied,
        "Run Connect-ShakenFist as the system namespace to list all blobs. In any namespace, you can get blobs by -Artifact, -Instance, or -Uuid.");

    /// <summary>The server denied access (403).</summary>
    public static readonly SfError AccessForbidden = new(nameof(AccessForbidden), PermissionDenied,
        "Run Connect-ShakenFist with a namespace or a key that has the required permission or scope.");

    // Responses of the server

    /// <summary>The value is not the UUID of a blob.</summary>
    public static readonly SfError BlobUuidInvalid = new(nameof(BlobUuidInvalid), InvalidArgument,
        "Specify a UUID, such as 578da8b6-eb98-4e10-bb36-e4d4d763d312, or a blob. To specify a local file, use -Path.");

    /// <summary>There is no blob with this UUID.</summary>
    public static readonly SfError BlobNotFound = new(nameof(BlobNotFound), ObjectNotFound,
        "Check the UUID. The record of a deleted blob is removed after about one hour.");

    /// <summary>There is no artifact with this name or UUID.</summary>
    public static readonly SfError ArtifactNotFound = new(nameof(ArtifactNotFound), ObjectNotFound,
        "Run Get-SfArtifact to list the artifacts that the namespace can use.");

    /// <summary>The artifact has no such version, or no version at all.</summary>
    public static readonly SfError ArtifactVersionNotFound = new(nameof(ArtifactVersionNotFound), ObjectNotFound,
        "Run Get-SfArtifact to see the versions and the state of the artifact.");

    /// <summary>There is no instance with this name or UUID.</summary>
    public static readonly SfError InstanceNotFound = new(nameof(InstanceNotFound), ObjectNotFound,
        "Run Get-SfInstance to list the instances of the namespace.");

    /// <summary>The instance has no such disk, or the disk was created empty.</summary>
    public static readonly SfError DiskNotFound = new(nameof(DiskNotFound), ObjectNotFound,
        "Run Get-SfInstance to see the disks of the instance.");

    /// <summary>The cluster accepted the request, but took no snapshot.</summary>
    public static readonly SfError SnapshotNotTaken = new(nameof(SnapshotNotTaken), InvalidOperation,
        "Run Get-SfInstance to see the state, the node, and the disks of the instance. The cluster takes no snapshot of a config drive, or before an instance was started.");

    /// <summary>There is no agent operation with this UUID.</summary>
    public static readonly SfError AgentOperationNotFound = new(nameof(AgentOperationNotFound), ObjectNotFound,
        "Check the UUID and the namespace. Only agent operations of the namespace of the session are found.");

    /// <summary>A blob of an agent operation does not contain the whole file.</summary>
    public static readonly SfError AgentOutputIncomplete = new(nameof(AgentOutputIncomplete), InvalidData,
        "Do not use the blob. Run the agent operation again to get the file.");

    /// <summary>A change was requested, and the response was lost.</summary>
    public static readonly SfError OutcomeUnknown = new(nameof(OutcomeUnknown), ConnectionError,
        "Before you run the command again, run Get-SfArtifact to see whether the change was made. The request was not repeated, because a second change could delete data.");

    /// <summary>Several artifacts or instances have the name, and one is required.</summary>
    public static readonly SfError NameAmbiguous = new(nameof(NameAmbiguous), InvalidArgument,
        "Specify a UUID, or pass one object of Get-SfArtifact, which has the parameters -Type and -Namespace, or of Get-SfInstance.");

    /// <summary>An artifact cannot have this name.</summary>
    public static readonly SfError ArtifactNameInvalid = new(nameof(ArtifactNameInvalid), InvalidArgument,
        "Specify a name that contains no slash, is not '.' or '..', does not begin with 'sf-staging-', and does not look like a UUID.");

    /// <summary>The blob or the namespace of a publish request does not exist.</summary>
    public static readonly SfError PublishTargetNotFound = new(nameof(PublishTargetNotFound), ObjectNotFound,
        "Check the spelling of -Namespace. Your namespace can publish in another namespace only if that namespace trusts it.");

    /// <summary>The cluster no longer has the upload.</summary>
    public static readonly SfError UploadNotFound = new(nameof(UploadNotFound), ObjectNotFound,
        "Run the command again to send the file from its beginning. The cluster removes unfinished uploads after 7 days.");

    /// <summary>The cluster ended the publish request while it computed the hash of the data.</summary>
    public static readonly SfError PublishTimeout = new(nameof(PublishTimeout), OperationTimeout,
        "Run the command again when the cluster is less busy. The cluster must move and hash the file within 30 seconds, so a very large file can meet the same limit again.");

    /// <summary>The record exists, but no node has the data.</summary>
    public static readonly SfError BlobDataMissing = new(nameof(BlobDataMissing), ObjectNotFound,
        "Run Get-SfBlob to see the state and the locations of the blob. The blob may still be in the state initial, or its data may be lost.");

    /// <summary>Another resource was not found (404).</summary>
    public static readonly SfError ResourceNotFound = new(nameof(ResourceNotFound), ObjectNotFound,
        "Check that -ApiUrl is the address of a Shaken Fist API, including its path if it has one, such as https://sf.example.com/api.");

    /// <summary>The server rejected the request as not valid (400).</summary>
    public static readonly SfError RequestRefused = new(nameof(RequestRefused), InvalidArgument,
        "Correct the value that the message describes. Then run the command again.");

    /// <summary>The server does not support the method (405, 501).</summary>
    public static readonly SfError MethodNotSupported = new(nameof(MethodNotSupported), SfErrorCategory.NotImplemented,
        "Run Get-SfCapability to see what the cluster supports. A newer release of the cluster may be required.");

    /// <summary>The object is not ready (406).</summary>
    public static readonly SfError NotReady = new(nameof(NotReady), ResourceUnavailable,
        "Wait until the object is ready. Then run the command again.");

    /// <summary>The state of the object does not allow the operation (409).</summary>
    public static readonly SfError StateConflict = new(nameof(StateConflict), ResourceExists,
        "Run Get-SfBlob to see the state of the blob. Run the command again when the state allows it.");

    /// <summary>Too many requests (429).</summary>
    public static readonly SfError TooManyRequests = new(nameof(TooManyRequests), SfErrorCategory.ResourceBusy,
        "Wait a while. Then run the command again with fewer requests in parallel.");

    /// <summary>The server failed (500 and other 5xx statuses).</summary>
    public static readonly SfError ServerError = new(nameof(ServerError), NotSpecified,
        "Search the cluster logs for the request ID. If the error persists, contact the cluster administrator.");

    /// <summary>The server or its front end is unavailable (502, 503).</summary>
    public static readonly SfError ServerUnavailable = new(nameof(ServerUnavailable), ResourceUnavailable,
        "Run the command again later. The cluster or its front end is unavailable or overloaded.");

    /// <summary>The cluster does not have enough resources (507).</summary>
    public static readonly SfError InsufficientResources = new(nameof(InsufficientResources), ResourceUnavailable,
        "Run the command again later, or contact the cluster administrator. The cluster does not have enough resources.");

    /// <summary>The server sent a redirect that is not allowed.</summary>
    public static readonly SfError UnexpectedRedirect = new(nameof(UnexpectedRedirect), ProtocolError,
        "If the cluster has moved, run Connect-ShakenFist with its new address in -ApiUrl. The redirect was not followed, and no key was sent to its target.");

    /// <summary>The server returned a status that the API does not use.</summary>
    public static readonly SfError UnexpectedStatus = new(nameof(UnexpectedStatus), ProtocolError,
        "Check that -ApiUrl is the address of a Shaken Fist API and that no other server responds there.");

    /// <summary>The response is not what the call returns: an HTML page, another type, or an encoding that was not requested.</summary>
    public static readonly SfError UnexpectedContent = new(nameof(UnexpectedContent), ProtocolError,
        "Check -ApiUrl, and whether a proxy or a load balancer responds instead of the cluster.");

    /// <summary>The response was cut off or is not valid JSON.</summary>
    public static readonly SfError InvalidResponse = new(nameof(InvalidResponse), ProtocolError,
        "Run the command again. If the error persists, search the cluster logs for the request ID.");

    /// <summary>The cluster does not announce the required capability.</summary>
    public static readonly SfError CapabilityMissing = new(nameof(CapabilityMissing), SfErrorCategory.NotImplemented,
        "Run Get-SfCapability to see what the cluster supports. A newer release of the cluster may be required.");

    /// <summary>No blob has this hash.</summary>
    public static readonly SfError HashNotFound = new(nameof(HashNotFound), ObjectNotFound,
        "Run the command again later if the blob is new. The cluster computes checksums in the background. An administrator can also compare the property Sha512 of all blobs that Get-SfBlob lists.");

    /// <summary>The blob's metadata has no such key.</summary>
    public static readonly SfError MetadataKeyNotFound = new(nameof(MetadataKeyNotFound), ObjectNotFound,
        "Run Get-SfBlobMetadata to see the keys of the blob. Keys are case-sensitive.");

    /// <summary>The server can store the key but not delete it.</summary>
    public static readonly SfError MetadataKeyNotDeletable = new(nameof(MetadataKeyNotDeletable), SfErrorCategory.NotImplemented,
        "To store another value for the key, run Set-SfBlobMetadata with -Force. Keys that contain / or a null character, are . or .., or are very long can be deleted only on older clusters.");

    /// <summary>The key already exists.</summary>
    public static readonly SfError MetadataKeyExists = new(nameof(MetadataKeyExists), ResourceExists,
        "Run Set-SfBlobMetadata to change the value, or specify -Force.");

    /// <summary>A command would remove all metadata of a blob or a whole artifact, and the removal is not forced.</summary>
    public static readonly SfError ForceRequired = new(nameof(ForceRequired), InvalidOperation,
        "Specify what to remove, or specify -Force to remove everything. With -WhatIf, the command shows what it would remove.");

    /// <summary>The algorithm of a hash is not specified, or the hash is not valid for the specified algorithm.</summary>
    public static readonly SfError HashInvalid = new(nameof(HashInvalid), InvalidArgument,
        "Specify a hash with the number of hexadecimal digits of its algorithm: 128 for SHA512, 64 for SHA256, 40 for SHA1, or 32 for XXH128. For 32 digits, also specify -Algorithm XXH128.");

    /// <summary>The server cannot store the key or the value.</summary>
    public static readonly SfError MetadataValueRefused = new(nameof(MetadataValueRefused), InvalidArgument,
        "Specify a key and a value that are not empty and that can be written as JSON, such as the text '0' or 'false'. To remove a key, run Remove-SfBlobMetadata.");

    /// <summary>The blob is in a final state that is not the requested one.</summary>
    public static readonly SfError BlobStateFinal = new(nameof(BlobStateFinal), InvalidOperation,
        "Run Get-SfBlobEvent to see what happened to the blob, if the cluster supports events.");

    /// <summary>The awaited state or checksum was not reached in time.</summary>
    public static readonly SfError WaitTimeout = new(nameof(WaitTimeout), OperationTimeout,
        "Specify a longer time with -TimeoutSeconds, or run Get-SfBlob to see the state of the blob.");

    // The network

    /// <summary>No connection could be established, or it was lost.</summary>
    public static readonly SfError ConnectionFailed = new(nameof(ConnectionFailed), ConnectionError,
        "Check that the cluster is running, and that the address and port in the message are correct. To use another URL, run Connect-ShakenFist -ApiUrl.");

    /// <summary>The host name cannot be resolved.</summary>
    public static readonly SfError HostNotFound = new(nameof(HostNotFound), ConnectionError,
        "Check the spelling of the host name in -ApiUrl, and the name resolution of this computer.");

    /// <summary>The certificate of the server is not trusted, or TLS failed for another reason.</summary>
    public static readonly SfError TlsFailed = new(nameof(TlsFailed), SecurityError,
        "If the cluster has its own certificate authority, run Connect-ShakenFist with the certificate of that authority in -CertificateAuthorityPath.");

    /// <summary>The proxy rejected the request or failed.</summary>
    public static readonly SfError ProxyFailed = new(nameof(ProxyFailed), ConnectionError,
        "Check -Proxy and -ProxyCredential, or run Connect-ShakenFist with -NoProxy.");

    /// <summary>Several consecutive requests did not reach the cluster, so this one was not sent.</summary>
    public static readonly SfError ClusterUnreachable = new(nameof(ClusterUnreachable), ResourceUnavailable,
        "Run the command again: its first request is always sent. This request was not sent, because several consecutive requests did not reach the cluster.");

    /// <summary>The server did not respond in time.</summary>
    public static readonly SfError RequestTimeout = new(nameof(RequestTimeout), OperationTimeout,
        "Run the command again later. The cluster did not respond in time.");

    /// <summary>The response started, and then no more data arrived.</summary>
    public static readonly SfError ResponseStalled = new(nameof(ResponseStalled), OperationTimeout,
        "Run the command again. To wait longer for data, run Connect-ShakenFist with -OperationTimeoutSeconds.");

    // Transfers

    /// <summary>The blob has no data yet, or no longer has any.</summary>
    public static readonly SfError BlobNotReady = new(nameof(BlobNotReady), ResourceUnavailable,
        "Run Wait-SfBlob to wait until the state of the blob is created. Then run the command again.");

    /// <summary>The transfer received too little data within the retry timeout.</summary>
    public static readonly SfError TransferInterrupted = new(nameof(TransferInterrupted), ConnectionError,
        "Run the same command again when the cluster can be reached. To retry longer, specify -RetryTimeoutSeconds.");

    /// <summary>The server sent a different number of bytes than requested.</summary>
    public static readonly SfError DataLengthMismatch = new(nameof(DataLengthMismatch), InvalidData,
        "Run the command again. If the error persists, contact the cluster administrator: the data in the cluster is damaged, or the server ignores the requested offset.");

    /// <summary>The hash of the data does not match the published hash.</summary>
    public static readonly SfError HashMismatch = new(nameof(HashMismatch), InvalidData,
        "Do not use the data: it was damaged in the cluster or during the transfer. Run the command again. If the error persists, contact the cluster administrator.");

    /// <summary>Two downloads of the same data differ repeatedly, or the server cannot return the data in a second way.</summary>
    public static readonly SfError RereadFailed = new(nameof(RereadFailed), InvalidData,
        "Do not use the data: the network, a proxy, or a node damages it, or the server ignores the requested offset. Contact the cluster administrator, or wait until the cluster has published a hash of the blob.");

    /// <summary>Verification is required, but the cluster has not published a hash.</summary>
    public static readonly SfError ChecksumNotPublished = new(nameof(ChecksumNotPublished), ResourceUnavailable,
        "Run the command again later. The cluster computes checksums in the background. To save without a hash check, run Save-SfBlobData with -Verification IfAvailable.");

    /// <summary>Two time limits are specified.</summary>
    public static readonly SfError TimeLimitAmbiguous = new(nameof(TimeLimitAmbiguous), InvalidArgument,
        "Specify either -TimeoutSeconds or -StopAt.");

    /// <summary>The time limit of the command was reached.</summary>
    public static readonly SfError TimeLimitReached = new(nameof(TimeLimitReached), OperationTimeout,
        "Run the same command again, with a longer time limit or without one, to resume the transfer. Data that has already been received is kept.");

    /// <summary>The temporary file of the target belongs to another transfer.</summary>
    public static readonly SfError TransferConflict = new(nameof(TransferConflict), ResourceExists,
        "Run Get-SfBlobTransfer to see the interrupted transfer. Resume it, remove it, specify another -Path, or discard it with -Force.");

    /// <summary>The interrupted transfer cannot be resumed.</summary>
    public static readonly SfError TransferNotResumable = new(nameof(TransferNotResumable), InvalidData,
        "Run Remove-SfBlobTransfer to remove the transfer. Then run Save-SfBlobData to save the blob again.");

    /// <summary>There is no interrupted transfer to the target.</summary>
    public static readonly SfError TransferNotFound = new(nameof(TransferNotFound), ObjectNotFound,
        "Run Get-SfBlobTransfer to list the interrupted transfers in a directory. Specify -Recurse to include its subdirectories.");

    /// <summary>The data is too long to be returned as one string.</summary>
    public static readonly SfError TextTooLong = new(nameof(TextTooLong), InvalidArgument,
        "Request less data with -First, -Last, or -Length. Or run Save-SfBlobData and read the file.");

    // Files

    /// <summary>The target exists and has different content.</summary>
    public static readonly SfError TargetExists = new(nameof(TargetExists), ResourceExists,
        "Specify -Force to replace the file, or specify another -Path.");

    /// <summary>Two blobs of one pipeline have the same target.</summary>
    public static readonly SfError TargetRepeated = new(nameof(TargetRepeated), InvalidArgument,
        "Specify a directory as -Path, so that each blob is saved under its own file name.");

    /// <summary>The target cannot be a file.</summary>
    public static readonly SfError TargetNotFile = new(nameof(TargetNotFile), InvalidArgument,
        "Specify the name of an ordinary file, or of an existing directory.");

    /// <summary>The target's directory does not exist.</summary>
    public static readonly SfError DirectoryNotFound = new(nameof(DirectoryNotFound), ObjectNotFound,
        "Create the directory, or specify another -Path.");

    /// <summary>The path is not on a file system.</summary>
    public static readonly SfError PathNotFileSystem = new(nameof(PathNotFileSystem), InvalidArgument,
        "Specify a path on a FileSystem drive.");

    /// <summary>A path with wildcards matches no item, or several.</summary>
    public static readonly SfError PathAmbiguous = new(nameof(PathAmbiguous), InvalidArgument,
        "Specify a -Path whose wildcards match exactly one existing item. Use -LiteralPath if the characters are part of the name.");

    /// <summary>The format of a graph is not specified.</summary>
    public static readonly SfError GraphFormatUnknown = new(nameof(GraphFormatUnknown), InvalidArgument,
        "Specify the format with -Format, or a path that ends in .html, .mmd, .md, .dot, or .gv.");

    /// <summary>Another process is writing the same target.</summary>
    public static readonly SfError TargetBusy = new(nameof(TargetBusy), SfErrorCategory.ResourceBusy,
        "Wait until the other transfer to this file has ended. Then run the command again.");

    /// <summary>Another process interfered with a file of the transfer.</summary>
    public static readonly SfError TargetChanged = new(nameof(TargetChanged), InvalidOperation,
        "Find out which program writes to this directory. Then run the same command again.");

    /// <summary>The local file does not exist.</summary>
    public static readonly SfError FileNotFound = new(nameof(FileNotFound), ObjectNotFound,
        "Check the path. Use -LiteralPath if characters such as [ ] are part of the name.");

    /// <summary>The local file is empty.</summary>
    public static readonly SfError FileEmpty = new(nameof(FileEmpty), InvalidArgument,
        "Specify a file that contains data. The cluster cannot store empty files.");

    /// <summary>The local file changed while it was being read.</summary>
    public static readonly SfError FileChanged = new(nameof(FileChanged), InvalidOperation,
        "Wait until no program writes to the file. Then run the command again.");

    /// <summary>The disk is full.</summary>
    public static readonly SfError DiskFull = new(nameof(DiskFull), WriteError,
        "Free disk space, or specify a -Path on another disk.");

    /// <summary>The file system denied access.</summary>
    public static readonly SfError FileAccessDenied = new(nameof(FileAccessDenied), PermissionDenied,
        "Check the permissions of the file and its directory, or specify another path.");

    /// <summary>A file operation failed.</summary>
    public static readonly SfError FileFailed = new(nameof(FileFailed), WriteError,
        "Check the disk and the path. Then run the command again.");

    /// <summary>Whether the same request can succeed later without any change by the user, so that waiting and retrying is useful.</summary>
    internal static bool IsTransient(SfError error) => error.Id is nameof(ConnectionFailed) or nameof(HostNotFound) or nameof(ProxyFailed)
        or nameof(ClusterUnreachable) or nameof(RequestTimeout) or nameof(ResponseStalled) or nameof(ServerUnavailable) or nameof(ServerError)
        or nameof(TooManyRequests) or nameof(NotReady) or nameof(InsufficientResources) or nameof(InvalidResponse) or nameof(UnexpectedContent);

    /// <summary>Creates the error for a request that must not be repeated, and whose response was lost.</summary>
    internal static SfException UnknownOutcomeOf(SfException lost, string consequence) =>
        new(OutcomeUnknown, $"{lost.Message} {consequence}", lost) { StatusCode = lost.StatusCode, RequestId = lost.RequestId };

    /// <summary>Gets all rows, in the order in which they are declared.</summary>
    public static IReadOnlyList<SfError> All { get; } =
        [.. typeof(SfErrors).GetFields(BindingFlags.Public | BindingFlags.Static).Where(f => f.FieldType == typeof(SfError)).Select(f => (SfError)f.GetValue(null)!)];
}
