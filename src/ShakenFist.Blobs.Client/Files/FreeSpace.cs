using System.Runtime.Versioning;

namespace ShakenFist.Blobs.Files;

/// <summary>Gets the free space of a directory.</summary>
internal static class FreeSpace
{
    /// <summary>
    /// Returns the number of bytes that the current user can write in a directory, or null if the file system does not report it. On Windows, it is the value of the
    /// directory and not of the root of its drive, because another volume can be mounted there and quotas apply.
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
        // Windows only accepts a share with a trailing separator.
        string path = WindowsPath.ToExtended(Path.GetFullPath(directory)).TrimEnd('\\') + '\\';
        return WindowsNative.GetDiskFreeSpaceEx(path, out ulong available, out _, out _) ? (long)Math.Min(available, long.MaxValue) : null;
    }
}
