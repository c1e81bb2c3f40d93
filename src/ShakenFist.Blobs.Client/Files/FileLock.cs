using Microsoft.Win32.SafeHandles;

namespace ShakenFist.Blobs.Files;

/// <summary>
/// Locks a temporary file against other processes. On Windows, the system enforces the share mode of an open file. Other systems have advisory locks. .NET uses them
/// too, except if DOTNET_SYSTEM_IO_DISABLEFILELOCKING is set. Some file systems do not support them.
/// </summary>
internal static class FileLock
{
    /// <summary>Locks an open file without waiting.</summary>
    /// <returns>False if the file system does not support locks.</returns>
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
