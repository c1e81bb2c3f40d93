using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace ShakenFist.Blobs.Files;

/// <summary>Who may read and write a file: one that replaces another gets its owner, permissions, and access control list (of macOS, not the list).</summary>
internal static class FileAccessRights
{
    private const int GroupBits = 0b_000_111_000;
    private const int OtherBits = 0b_000_000_111;

    /// <summary>Gives a finished file the access of the file it replaces, or that of any new file.</summary>
    /// <param name="file">The open file.</param>
    /// <param name="target">Full path of the name that it gets.</param>
    /// <param name="replaces">Whether a file of that name is replaced.</param>
    public static void Apply(SafeFileHandle file, string target, bool replaces)
    {
        string? replaced = replaces ? target : null;
        if (OperatingSystem.IsWindows())
        {
            if (File.Exists(replaced))
            {
                using SafeFileHandle from = File.OpenHandle(replaced, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
                WindowsFile.CopyPermissions(from, file);
            }

            return;
        }

        if (replaced is not null && FileStatus.At(replaced) is { IsRegular: true } old)
        {
            ApplyOf(old, replaced, file);
        }
        else
        {
            string directory = Path.GetDirectoryName(target)!;
            File.SetUnixFileMode(file, LinuxAccessList.NewFileMode(directory) ?? UnixFile.NewFileMode());
        }
    }

    [UnsupportedOSPlatform("windows")]
    private static void ApplyOf(FileStatus old, string replaced, SafeFileHandle file)
    {
        // Only an administrator may give files away, but a user may give them to any of their groups. The permissions are kept all the same.
        FileStatus own = FileStatus.Of(file);
        if ((old.Owner, old.Group) != (own.Owner, own.Group) && !UnixFile.TrySetOwner(file, old.Owner, old.Group))
        {
            _ = UnixFile.TrySetOwner(file, own.Owner, old.Group);
        }

        // What the replaced file gave to its group, and to the names in its list, must not go to another group.
        bool keepsGroup = FileStatus.Of(file).Group == old.Group;
        bool keepsList = !OperatingSystem.IsLinux() || (keepsGroup ? LinuxAccessList.TryCopy(replaced, file) : LinuxAccessList.TryRemove(file));

        // With a list, the permissions of the group are the most that the list gives to anybody. Without it, they would all be the group's.
        int group = !keepsList ? 0 : keepsGroup ? (int)old.Mode & GroupBits : (int)old.Mode & GroupBits & (((int)old.Mode & OtherBits) << 3);
        File.SetUnixFileMode(file, (UnixFileMode)(((int)old.Mode & ~GroupBits) | group));
    }
}
