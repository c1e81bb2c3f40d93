namespace ShakenFist.Blobs.Files;

/// <summary>Converts file system exceptions to errors of the module.</summary>
internal static class FileErrors
{
    // The errno values of Linux and macOS, and the low words of the HRESULTs of Windows.
    private const int NoSpace = 28;
    private const int QuotaExceededLinux = 122;
    private const int QuotaExceededMac = 69;
    private const int WouldBlockLinux = 11;
    private const int WouldBlockMac = 35;
    private const int ReadOnlyUnix = 30;
    private const int WriteProtected = unchecked((int)0x80070013);
    private const int ExistsUnix = 17;
    private const int ExistsWindows = unchecked((int)0x80070050);
    private const int SharingViolation = unchecked((int)0x80070020);
    private const int HandleDiskFull = unchecked((int)0x80070027);
    private const int DiskFull = unchecked((int)0x80070070);
    private const int TooLargeUnix = 27;
    private const int TooLargeWindows = unchecked((int)0x800700DF);
    private const int NameTooLongLinux = 36;
    private const int NameTooLongMac = 63;

    // A path that contains a NUL character causes an ArgumentException.
    public static bool IsFileFailure(Exception e) => e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException;

    /// <summary>Whether creating a new file failed because the file exists.</summary>
    public static bool IsAlreadyThere(IOException e) => e.HResult is ExistsUnix or ExistsWindows;

    /// <summary>Whether a file is longer than its file system permits. If the length of a file is set, .NET reports that as an argument that is out of range.</summary>
    public static bool IsTooLarge(Exception e) => e is ArgumentOutOfRangeException or IOException { HResult: TooLargeUnix or TooLargeWindows };

    public static SfException Of(Exception e, string path)
    {
        SfError error = e switch
        {
            UnauthorizedAccessException or IOException { HResult: ReadOnlyUnix or WriteProtected } => SfErrors.FileAccessDenied,
            DirectoryNotFoundException => SfErrors.DirectoryNotFound,
            IOException { HResult: NoSpace or QuotaExceededLinux or QuotaExceededMac or HandleDiskFull or DiskFull or WindowsErrors.DiskQuotaExceeded } => SfErrors.DiskFull,
            IOException { HResult: WouldBlockLinux or WouldBlockMac or SharingViolation or WindowsErrors.LockViolation or WindowsErrors.DeletePending } => SfErrors.TargetBusy,
            _ => SfErrors.FileFailed,
        };
        string name = $"'{ServerText.Clean(path, int.MaxValue)}'";
        return new SfException(error, error.Id switch
        {
            nameof(SfErrors.FileAccessDenied) => e is UnauthorizedAccessException ? $"Access to {name} is denied." : $"Cannot write {name}: the disk is read-only.",
            nameof(SfErrors.DirectoryNotFound) => $"A directory in the path {name} does not exist.",
            nameof(SfErrors.DiskFull) => $"Cannot write {name}: there is not enough space on the disk, or the disk quota is exceeded.",
            nameof(SfErrors.TargetBusy) => $"{name} is in use by another process.",
            _ when IsTooLarge(e) => $"Cannot write {name}: the file system does not permit a file of this length.",
            _ when e is PathTooLongException or IOException { HResult: NameTooLongLinux or NameTooLongMac } => $"Cannot use {name}: the name or the path is too long for the file system.",
            _ when e is IOException exists && IsAlreadyThere(exists) => $"Cannot use {name}: a file of that name exists.",
            _ => $"Cannot use {name}: {ErrorText.Reason(e)}",
        }, e);
    }
}
