namespace ShakenFist.Blobs.Files;

/// <summary>Prepares paths for calls to Windows that do not go through .NET.</summary>
internal static class WindowsPath
{
    // Directories may have 12 characters fewer than files, which may have 259.
    private const int MaxUnextended = 247;

    /// <summary>Returns a full path in the form that has no limit of length, if it is too long for the usual form.</summary>
    public static string ToExtended(string fullPath)
    {
        if (fullPath.Length <= MaxUnextended || fullPath.StartsWith(@"\\?\", StringComparison.Ordinal) || fullPath.StartsWith(@"\\.\", StringComparison.Ordinal))
        {
            return fullPath;
        }

        return fullPath.StartsWith(@"\\", StringComparison.Ordinal) ? string.Concat(@"\\?\UNC\", fullPath.AsSpan(2)) : @"\\?\" + fullPath;
    }
}
