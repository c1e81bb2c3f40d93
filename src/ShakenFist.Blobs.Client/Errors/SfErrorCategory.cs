namespace ShakenFist.Blobs;

/// <summary>The category of an error. The names are those of PowerShell's <c>ErrorCategory</c>.</summary>
public enum SfErrorCategory
{
    /// <summary>No other category applies.</summary>
    NotSpecified,

    /// <summary>The key or the token was rejected.</summary>
    AuthenticationError,

    /// <summary>The cluster cannot be reached, or the connection was lost.</summary>
    ConnectionError,

    /// <summary>An argument is not valid, or the server rejected it.</summary>
    InvalidArgument,

    /// <summary>Data is not valid, for example it has a wrong length or hash.</summary>
    InvalidData,

    /// <summary>The operation is not possible in the current state.</summary>
    InvalidOperation,

    /// <summary>The server does not support the operation.</summary>
    NotImplemented,

    /// <summary>The object does not exist.</summary>
    ObjectNotFound,

    /// <summary>The time limit was exceeded.</summary>
    OperationTimeout,

    /// <summary>Access was denied.</summary>
    PermissionDenied,

    /// <summary>The response violates the protocol.</summary>
    ProtocolError,

    /// <summary>A file cannot be read.</summary>
    ReadError,

    /// <summary>The resource is in use, or there are too many requests.</summary>
    ResourceBusy,

    /// <summary>The object already exists.</summary>
    ResourceExists,

    /// <summary>The resource is not available at the moment.</summary>
    ResourceUnavailable,

    /// <summary>The identity of the server is not verified.</summary>
    SecurityError,

    /// <summary>A file cannot be written.</summary>
    WriteError,
}
