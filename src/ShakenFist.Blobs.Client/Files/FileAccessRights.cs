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
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;

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

    /// <summary>
    /// Makes a temporary file private again, and returns it to its owner, after its commit has failed. On Windows, it keeps the access control list of the target.
    /// </summary>
    /// <param name="file">The open file.</param>
    /// <param name="own">The status of the file before <see cref="Apply"/>.</param>
    public static void Revert(SafeFileHandle file, FileStatus own)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        try
        {
            File.SetUnixFileMode(file, Private);
            _ = LinuxAccessList.TryRemove(file);
            _ = UnixFile.TrySetOwner(file, own.Owner, own.Group);
        }
        catch (Exception e) when (FileErrors.IsFileFailure(e))
        {
            // The failure of the commit is the one to report. The next run does not write to a file that others could open.
        }
    }

    /// <summary>
    /// Returns whether other users could open a temporary file, for example after a process was killed during its commit. They can still have it open, so it must not be
    /// written to. On a file system without permissions, this is true of every file, and the result is false.
    /// </summary>
    public static bool WasShared(SafeFileHandle file)
    {
        const UnixFileMode Others = (UnixFileMode)(GroupBits | OtherBits);
        if (OperatingSystem.IsWindows() || FileStatus.Of(file).Mode is var mode && (mode & Others) == 0)
        {
            return false;
        }

        File.SetUnixFileMode(file, Private);
        bool hasPermissions = (FileStatus.Of(file).Mode & Others) == 0;
        File.SetUnixFileMode(file, mode);
        return hasPermissions;
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
