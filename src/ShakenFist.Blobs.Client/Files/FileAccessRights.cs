using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace ShakenFist.Blobs.Files;

/// <summary>
/// Controls who can read and write a file. A file that replaces another gets its owner, permissions, and access control list. On macOS, the list is not copied.
/// </summary>
internal static class FileAccessRights
{
    private const int GroupBits = 0b_000_111_000;
    private const int OtherBits = 0b_000_000_111;

    /// <summary>Gives a finished file the access rights of the file it replaces, or those of any new file.</summary>
    /// <param name="file">The open file.</param>
    /// <param name="target">The full path that the file gets.</param>
    /// <param name="replaces">Whether an existing file is replaced.</param>
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
        // Only an administrator can give files to other users, but a user can give files to any of their own groups. The permissions are copied in either case.
        FileStatus own = FileStatus.Of(file);
        if ((old.Owner, old.Group) != (own.Owner, own.Group) && !UnixFile.TrySetOwner(file, old.Owner, old.Group))
        {
            _ = UnixFile.TrySetOwner(file, own.Owner, old.Group);
        }

        // Permissions for the group and the access control list of the replaced file must not apply to a different group.
        bool keepsGroup = FileStatus.Of(file).Group == old.Group;
        bool keepsList = !OperatingSystem.IsLinux() || (keepsGroup ? LinuxAccessList.TryCopy(replaced, file) : LinuxAccessList.TryRemove(file));

        // If a file has a list, its group permissions limit every entry of the list. Without the list, the group itself would get all of them.
        int group = !keepsList ? 0 : keepsGroup ? (int)old.Mode & GroupBits : (int)old.Mode & GroupBits & (((int)old.Mode & OtherBits) << 3);
        File.SetUnixFileMode(file, (UnixFileMode)(((int)old.Mode & ~GroupBits) | group));
    }
}
