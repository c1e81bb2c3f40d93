using Microsoft.Win32.SafeHandles;

namespace ShakenFist.Blobs.Files;

/// <summary>Identifies a file regardless of its name, length, and times. All names of a file have the same identity, and no other file has it.</summary>
/// <param name="Volume">The device, or the serial number of the volume.</param>
/// <param name="Number">The inode, or the file ID.</param>
/// <param name="Birth">
/// When the file was created, in nanoseconds, because the system can use the number again after the file is deleted. 0 if the file system does not record it, and on
/// Windows if the file has an ID.
/// </param>
internal readonly record struct FileIdentity(ulong Volume, UInt128 Number, ulong Birth)
{
    /// <summary>Returns the text that a journal records.</summary>
    public override string ToString() => FormattableString.Invariant($"{Volume:x}:{Number:x}:{Birth:x}");
}

/// <summary>The file system's information about a file.</summary>
/// <param name="Identity">The identity of the file.</param>
/// <param name="IsRegular">Whether it is an ordinary file, not a link, a directory, or a device.</param>
/// <param name="Length">Length in bytes.</param>
/// <param name="LinkCount">The number of names of the file.</param>
/// <param name="Owner">The user that owns the file (Unix).</param>
/// <param name="Group">The group of the file (Unix).</param>
/// <param name="Mode">The permissions (Unix).</param>
internal readonly record struct FileStatus(
    FileIdentity Identity, bool IsRegular, long Length, uint LinkCount, uint Owner = 0, uint Group = 0, UnixFileMode Mode = UnixFileMode.None)
{
    /// <summary>Whether the file belongs to the user of this process. Always true on Windows, where access control lists decide who can write to the file.</summary>
    public bool IsOwn => OperatingSystem.IsWindows() || Owner == UnixFile.CurrentUser();

    /// <summary>Gets the status of an open file.</summary>
    /// <exception cref="IOException">The file system does not report it.</exception>
    public static FileStatus Of(SafeFileHandle file) => OperatingSystem.IsWindows() ? WindowsFile.GetStatus(file) : UnixFile.Of(file);

    /// <summary>Gets the status of the file at a path. If the path is a symbolic link, gets the status of the link. Null if nothing exists there.</summary>
    /// <exception cref="IOException">The file system does not report it.</exception>
    public static FileStatus? At(string path) => OperatingSystem.IsWindows() ? WindowsFile.GetStatus(path) : UnixFile.At(path);

    /// <summary>Whether a path refers to the file with this identity.</summary>
    public static bool IsAt(FileIdentity identity, string path) => At(path)?.Identity == identity;
}
