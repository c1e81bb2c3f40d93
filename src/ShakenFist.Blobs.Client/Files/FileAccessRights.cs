using Microsoft.Win32.SafeHandles;

namespace ShakenFist.Blobs.Files;

/// <summary>Who may read and write a file: a file that replaces another one keeps its owner and permissions (Unix) or its access control list (Windows).</summary>
internal static class FileAccessRights
{
    /// <summary>Gives a finished file the access of the file it replaces, or that of any new file.</summary>
    /// <param name="file">The open file.</param>
    /// <param name="replaced">Full path of the file that it replaces. Null if it replaces none.</param>
    public static void Apply(SafeFileHandle file, string? replaced)
    {
        if (OperatingSystem.IsWindows())
        {
            if (File.Exists(replaced))
            {
                using SafeFileHandle from = File.OpenHandle(replaced, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
                WindowsFile.CopyPermissions(from, file);
            }

            return;
        }

        FileStatus? old = replaced is not null && FileStatus.At(replaced) is { IsRegular: true } status ? status : null;
        if (old is { } there && FileStatus.Of(file) is var own && (there.Owner, there.Group) != (own.Owner, own.Group))
        {
            // Only an administrator may give files away. The permissions are kept all the same.
            _ = UnixFile.TrySetOwner(file, there.Owner, there.Group);
        }

        File.SetUnixFileMode(file, old?.Mode ?? UnixFile.NewFileMode());
    }
}
