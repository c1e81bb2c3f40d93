namespace ShakenFist.Blobs.Files;

/// <summary>Prepares paths for Windows functions that are called without .NET.</summary>
internal static class WindowsPath
{
    // The limit is 259 characters for files, but 247 for directories.
    private const int MaxUnextended = 247;

    /// <summary>Returns a full path with the prefix that removes the length limit, if the path is too long without it.</summary>
    public static string ToExtended(string fullPath)
    {
        if (fullPath.Length <= MaxUnextended || fullPath.StartsWith(@"\\?\", StringComparison.Ordinal) || fullPath.StartsWith(@"\\.\", StringComparison.Ordinal))
        {
            return fullPath;
        }

        return fullPath.StartsWith(@"\\", StringComparison.Ordinal) ? string.Concat(@"\\?\UNC\", fullPath.AsSpan(2)) : @"\\?\" + fullPath;
    }
}
