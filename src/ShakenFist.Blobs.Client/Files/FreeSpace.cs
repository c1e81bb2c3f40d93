using System.Runtime.Versioning;

namespace ShakenFist.Blobs.Files;

/// <summary>Gets the free space of a directory.</summary>
internal static class FreeSpace
{
    /// <summary>
    /// Number of bytes that the current user can still write in a directory, or null if the file system does not report it. On Windows the directory itself is asked
    /// rather than the root of its drive, because another volume can be mounted there and because quotas apply.
    /// </summary>
    public static long? Of(string directory)
    {
        try
        {
            return OperatingSystem.IsWindows() ? OfWindows(directory) : new DriveInfo(directory).AvailableFreeSpace;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            return null;
        }
    }

    [SupportedOSPlatform("windows")]
    private static long? OfWindows(string directory)
    {
        // A share is only accepted with a separator at its end.
        string path = WindowsPath.ToExtended(Path.GetFullPath(directory)).TrimEnd('\\') + '\\';
        return WindowsNative.GetDiskFreeSpaceEx(path, out ulong available, out _, out _) ? (long)Math.Min(available, long.MaxValue) : null;
    }
}
