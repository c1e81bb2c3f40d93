namespace ShakenFist.Blobs.Files;

/// <summary>What is known of the disk that a file is to lie on.</summary>
internal static class DiskSpace
{
    /// <summary>Makes sure that so many bytes more have room beside the target.</summary>
    /// <exception cref="SfException"><see cref="SfErrors.DiskFull"/> if they have not.</exception>
    public static void Check(string path, long bytes)
    {
        if (FreeSpace.Of(Path.GetDirectoryName(path)!) is { } free && free < bytes)
        {
            throw new SfException(SfErrors.DiskFull, $"'{path}' requires {ErrorText.Bytes(bytes)}, but only {ErrorText.Bytes(free)} are free on the disk. No data was fetched.");
        }
    }

    /// <summary>Whether the file would lie in memory.</summary>
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
            // Windows tells by the drive, others by any directory on it.
            return new DriveInfo(OperatingSystem.IsWindows() ? Path.GetPathRoot(path)! : Path.GetDirectoryName(path)!);
        }
        catch (Exception e) when (FileErrors.IsFileFailure(e))
        {
            return null;
        }
    }
}
