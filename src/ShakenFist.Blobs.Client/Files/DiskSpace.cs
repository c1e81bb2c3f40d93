namespace ShakenFist.Blobs.Files;

/// <summary>Checks the disk that a file is written to.</summary>
internal static class DiskSpace
{
    /// <summary>Checks that the disk of the target has enough free space for this number of bytes.</summary>
    /// <exception cref="SfException"><see cref="SfErrors.DiskFull"/> if it does not.</exception>
    public static void Check(string path, long bytes)
    {
        if (FreeSpace.Of(Path.GetDirectoryName(path)!) is { } free && free < bytes)
        {
            throw new SfException(SfErrors.DiskFull, $"'{path}' requires {ErrorText.Bytes(bytes)}, but only {ErrorText.Bytes(free)} are free on the disk. No data was fetched.");
        }
    }

    /// <summary>Whether the path is on a file system in memory, such as tmpfs.</summary>
    public static bool IsMemory(string path)
    {
        try
        {
            return DriveOf(path) is { DriveType: DriveType.Ram };
        }
        catch (Exception e) when (FileErrors.IsFileFailure(e))
        {
            return false;
        }
    }

    private static DriveInfo? DriveOf(string path)
    {
        try
        {
            // Windows identifies the drive by its root. Other systems accept any directory on it.
            return new DriveInfo(OperatingSystem.IsWindows() ? Path.GetPathRoot(path)! : Path.GetDirectoryName(path)!);
        }
        catch (Exception e) when (FileErrors.IsFileFailure(e))
        {
            return null;
        }
    }
}
