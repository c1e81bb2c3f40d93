namespace ShakenFist.Blobs.Client.Tests;

public sealed class TransientErrorTests
{
    private static readonly string[] Transient =
    [
        "ConnectionFailed", "HostNotFound", "ProxyFailed", "ClusterUnreachable", "RequestTimeout", "ResponseStalled", "ServerUnavailable", "ServerError",
        "TooManyRequests", "NotReady", "InsufficientResources", "InvalidResponse", "UnexpectedContent",
    ];

    private static readonly string[] Lasting =
    [
        "NotConfigured", "ConfigurationInvalid", "KeyForOtherUrl", "ApiUrlInvalid", "SessionClosed", "CertificateAuthorityInvalid", "NamespaceNotFound",
        "AuthenticationFailed", "TokenRejected", "AdministratorRequired", "AccessForbidden", "BlobUuidInvalid", "BlobNotFound", "ArtifactNotFound", "ArtifactVersionNotFound", "InstanceNotFound", "DiskNotFound", "SnapshotNotTaken", "AgentOperationNotFound", "AgentOutputIncomplete", "OutcomeUnknown", "NameAmbiguous", "BlobDataMissing", "ResourceNotFound", "RequestRefused",
        "MethodNotSupported", "StateConflict", "UnexpectedRedirect", "UnexpectedStatus", "CapabilityMissing", "HashNotFound", "MetadataKeyNotFound", "ArtifactNameInvalid", "PublishTargetNotFound", "UploadNotFound", "PublishTimeout", "FileEmpty", "FileChanged",
        "MetadataKeyExists", "MetadataKeyNotDeletable", "ForceRequired", "HashInvalid", "MetadataValueRefused", "BlobStateFinal", "WaitTimeout", "TlsFailed", "BlobNotReady",
        "TransferInterrupted", "DataLengthMismatch", "HashMismatch", "RereadFailed", "ChecksumNotPublished", "TimeLimitReached", "TimeLimitAmbiguous", "TransferConflict",
        "TransferNotResumable", "TransferNotFound", "TextTooLong",
        "TargetChanged", "TargetExists", "TargetRepeated", "TargetNotFile", "DirectoryNotFound", "PathNotFileSystem", "PathAmbiguous", "GraphFormatUnknown", "TargetBusy", "FileNotFound",
        "DiskFull", "FileAccessDenied", "FileFailed",
    ];

    /// <summary>Every error must be in one of the two lists, so that each new error is classified.</summary>
    [Fact]
    public void Every_error_is_listed_as_transient_or_permanent()
    {
        Assert.Equal(Transient.Concat(Lasting).Order(), SfErrors.All.Select(error => error.Id).Order());
        Assert.Equal(Transient.Order(), SfErrors.All.Where(SfErrors.IsTransient).Select(error => error.Id).Order());
    }
}
