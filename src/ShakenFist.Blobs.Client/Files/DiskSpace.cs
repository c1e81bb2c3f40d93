namespace ShakenFist.Blobs.Files;

/// <summary>Checks the disk that a file is written to.</summary>
internal static class DiskSpace
{
    /// <summary>Checks that the disk of the target has enough free space for this number of bytes, before any data is fetched.</summary>
    /// <param name="path">Full path of the target.</param>
    /// <param name="bytes">Number of bytes that will be written.</param>
    /// <param name="minimumFree">Number of bytes that must remain free.</param>
    /// <exception cref="SfException"><see cref="SfErrors.DiskFull"/> if it does not.</exception>
    public static void Check(string path, long bytes, long minimumFree = 0)
    {
        if (!HasFree(path, bytes, minimumFree))
        {
            throw new SfException(SfErrors.DiskFull, ErrorText.Sentences(Full(path, bytes, minimumFree).Message, "No data was fetched"));
        }
    }

    /// <summary>Whether the disk of the target has enough free space for this number of bytes. True if the free space is not known.</summary>
    public static bool HasFree(string path, long bytes, long minimumFree) => FreeOf(path) is not { } free || free - minimumFree >= bytes;

    /// <summary>Creates the error for a disk that is full, with the required and the free space.</summary>
    /// <param name="path">Full path of the target.</param>
    /// <param name="bytes">Number of bytes that are required.</param>
    /// <param name="minimumFree">Number of bytes that must remain free.</param>
    /// <param name="quantity">The beginning of the quantity, such as "another ".</param>
    /// <param name="inner">The failure of the system.</param>
    public static SfException Full(string path, long bytes, long minimumFree, string quantity = "", Exception? inner = null)
    {
        long? free = FreeOf(path);
        (string needs, string has) = ErrorText.Different(bytes, free ?? 0);
        return new SfException(SfErrors.DiskFull, ErrorText.Sentences(
            free is null ? $"'{path}' needs {quantity}{needs}, and there is not enough space on the disk"
                : free - minimumFree >= bytes ? $"'{path}' needs {quantity}{needs}, and {has} are free, but a disk quota or a limit of the file system is exceeded"
                : $"'{path}' needs {quantity}{needs}, but only {has} are free on the disk",
            minimumFree > 0 ? $"-MinimumFreeSpace is {ErrorText.Bytes(minimumFree)}" : string.Empty), inner);
    }

    /// <summary>Returns the free space on the disk of a file, or null if it is not known.</summary>
    public static long? FreeOf(string path) => FreeSpace.Of(Path.GetDirectoryName(path)!);

    /// <summary>Returns the size of the disk of a file, or null if it is not known.</summary>
    public static long? TotalOf(string path)
    {
        try
        {
            return DriveOf(path)?.TotalSize;
        }
        catch (Exception e) when (FileErrors.IsFileFailure(e))
        {
            return null;
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
