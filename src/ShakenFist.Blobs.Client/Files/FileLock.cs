using Microsoft.Win32.SafeHandles;

namespace ShakenFist.Blobs.Files;

/// <summary>
/// The lock that keeps other processes from a temporary file. On Windows the system enforces the share mode of an open file. Elsewhere it is an advisory lock, which
/// .NET takes as well, but not if DOTNET_SYSTEM_IO_DISABLEFILELOCKING is set, and which some file systems do not have.
/// </summary>
internal static class FileLock
{
    /// <summary>Locks an open file without waiting.</summary>
    /// <returns>False if the file system has no locks.</returns>
    /// <exception cref="IOException">Another process has locked it.</exception>
    public static bool TryTake(SafeFileHandle file, string path)
    {
        try
        {
            FileSystemEvents.Raise(FileOperation.Lock, path);
        }
        catch (NotSupportedException)
        {
            return false;
        }

        return OperatingSystem.IsWindows() || UnixFile.TryLock(file);
    }

    /// <summary>Whether another process has locked an open file.</summary>
    public static bool IsTaken(SafeFileHandle file) => !OperatingSystem.IsWindows() && UnixFile.IsLocked(file);
}
