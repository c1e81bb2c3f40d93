using System.ComponentModel;

namespace ShakenFist.Blobs.Files;

/// <summary>Windows error codes, in the form of the HRESULT of an exception, and the exceptions that .NET throws for them.</summary>
internal static class WindowsErrors
{
    public const int SharingViolation = unchecked((int)0x80070020);
    public const int LockViolation = unchecked((int)0x80070021);
    public const int HandleDiskFull = unchecked((int)0x80070027);
    public const int FileExists = unchecked((int)0x80070050);
    public const int DiskFull = unchecked((int)0x80070070);
    public const int AlreadyExists = unchecked((int)0x800700B7);
    public const int DeletePending = unchecked((int)0x8007012F);
    public const int UserMappedFile = unchecked((int)0x800704C8);
    public const int DiskQuotaExceeded = unchecked((int)0x8007050F);

    private const int Base = unchecked((int)0x80070000);

    /// <summary>Creates the exception that the file classes of .NET throw for a Win32 error code.</summary>
    public static Exception ToException(int code, string path)
    {
        string message = $"{new Win32Exception(code).Message.TrimEnd('.', ' ')}: '{path}'.";
        return code switch
        {
            2 => new FileNotFoundException(message, path),
            3 => new DirectoryNotFoundException(message),
            5 => new UnauthorizedAccessException(message),
            206 => new PathTooLongException(message),
            _ => new IOException(message, Base | code),
        };
    }
}
