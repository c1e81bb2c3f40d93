namespace ShakenFist.Blobs;

/// <summary>What kind of failure an error is. The names are those of PowerShell's own <c>ErrorCategory</c>, so that each maps by name.</summary>
public enum SfErrorCategory
{
    /// <summary>None of the others fits.</summary>
    NotSpecified,

    /// <summary>The key or the token was refused.</summary>
    AuthenticationError,

    /// <summary>The other end could not be reached, or the connection broke.</summary>
    ConnectionError,

    /// <summary>What was asked for contradicts itself or the server refused its form.</summary>
    InvalidArgument,

    /// <summary>Data is not what it must be: a wrong length or a wrong hash.</summary>
    InvalidData,

    /// <summary>What was asked cannot be done in the present state.</summary>
    InvalidOperation,

    /// <summary>The server does not offer what the call needs.</summary>
    NotImplemented,

    /// <summary>There is no such object.</summary>
    ObjectNotFound,

    /// <summary>Nothing came within the time allowed.</summary>
    OperationTimeout,

    /// <summary>Known to the server or the file system, but not allowed.</summary>
    PermissionDenied,

    /// <summary>The answer breaks the protocol.</summary>
    ProtocolError,

    /// <summary>A file could not be read.</summary>
    ReadError,

    /// <summary>In use, or asked for too often.</summary>
    ResourceBusy,

    /// <summary>It exists already.</summary>
    ResourceExists,

    /// <summary>Not available at the moment.</summary>
    ResourceUnavailable,

    /// <summary>The other end's identity is not proven.</summary>
    SecurityError,

    /// <summary>A file could not be written.</summary>
    WriteError,
}
