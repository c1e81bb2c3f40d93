using Microsoft.Win32.SafeHandles;

namespace ShakenFist.Blobs.Files;

/// <summary>Which file it is, whatever its name, length and times: the same for each of its names, and different from that of any other file.</summary>
/// <param name="Volume">The device, or the serial number of the volume.</param>
/// <param name="Number">The inode, or the file ID.</param>
/// <param name="Birth">When the file was created, in nanoseconds, since numbers are used again after a deletion; 0 if the file system does not record it, and on Windows if there is a file ID.</param>
internal readonly record struct FileIdentity(ulong Volume, UInt128 Number, ulong Birth)
{
    /// <summary>The form in which a journal records it.</summary>
    public override string ToString() => FormattableString.Invariant($"{Volume:x}:{Number:x}:{Birth:x}");
}

/// <summary>What the system knows of a file.</summary>
/// <param name="Identity">Which file it is.</param>
/// <param name="IsRegular">It is an ordinary file, not a link, a directory, or a device.</param>
/// <param name="Length">Length in bytes.</param>
/// <param name="LinkCount">How many names it has.</param>
/// <param name="Owner">The user it belongs to (Unix).</param>
/// <param name="Group">The group it belongs to (Unix).</param>
/// <param name="Mode">Its permissions (Unix).</param>
internal readonly record struct FileStatus(
    FileIdentity Identity, bool IsRegular, long Length, uint LinkCount, uint Owner = 0, uint Group = 0, UnixFileMode Mode = UnixFileMode.None)
{
    /// <summary>Whether it belongs to the user of this process. On Windows, access control lists decide who may write to it.</summary>
    public bool IsOwn => OperatingSystem.IsWindows() || Owner == UnixFile.CurrentUser();

    /// <summary>The status of an open file.</summary>
    /// <exception cref="IOException">The system cannot tell.</exception>
    public static FileStatus Of(SafeFileHandle file) => OperatingSystem.IsWindows() ? WindowsFile.GetStatus(file) : UnixFile.Of(file);

    /// <summary>The status of what a path names; of a symbolic link itself. Null if the path names nothing.</summary>
    /// <exception cref="IOException">The system cannot tell.</exception>
    public static FileStatus? At(string path) => OperatingSystem.IsWindows() ? WindowsFile.GetStatus(path) : UnixFile.At(path);

    /// <summary>Whether a path names this very file.</summary>
    public static bool IsAt(FileIdentity identity, string path) => At(path)?.Identity == identity;
}
