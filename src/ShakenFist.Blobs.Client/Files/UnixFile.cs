using System.Buffers.Binary;
using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace ShakenFist.Blobs.Files;

/// <summary>
/// Calls functions of Linux and macOS that .NET does not offer: the status of a file with its link count, advisory locks, hard links by descriptor, and access rights.
/// </summary>
internal static class UnixFile
{
    // The errno values. Two values separated by a comma differ between Linux and macOS.
    private const int NotPermitted = 1;
    private const int NotFound = 2;
    private const int Interrupted = 4;
    private const int AccessDenied = 13;
    private const int CrossDevice = 18;
    private const int WouldBlockLinux = 11;
    private const int WouldBlockMac = 35;
    private const int InvalidArgument = 22;
    private const int TooManyLinks = 31;
    private const int NotSupportedLinux = 95;
    private const int NotSupportedMac = 45;

    private const int CurrentDirectory = -100;
    private const int NoFollow = 0x100;
    private const int EmptyPath = 0x1000;
    private const int FollowLink = 0x400;
    private const uint BasicStatus = 0x7ff;
    private const uint BirthTime = 0x800;
    private const int FullFlush = 51;
    private const int LockSharedNow = 1 | 4;
    private const int LockExclusiveNow = 2 | 4;
    private const int RegularFile = 0x8000;
    private const int TypeMask = 0xF000;

    // Longer than struct statx (256 bytes) and struct stat of macOS (144 bytes).
    private const int StatusBytes = 512;

    /// <summary>Gets the status of an open file.</summary>
    public static FileStatus Of(SafeFileHandle file)
    {
        byte[] status = new byte[StatusBytes];
        ThrowIfFailed(OperatingSystem.IsLinux() ? StatusX(file, [0], EmptyPath, BasicStatus | BirthTime, status)
            : IsArm() ? StatusOfArm(file, status) : StatusOfX64(file, status));
        return Read(status);
    }

    /// <summary>Gets the status of the file at a path. If the path is a symbolic link, gets the status of the link. Null if nothing exists there.</summary>
    public static FileStatus? At(string path)
    {
        byte[] name = Name(path);
        byte[] status = new byte[StatusBytes];
        int result = OperatingSystem.IsLinux() ? StatusXAt(CurrentDirectory, name, NoFollow, BasicStatus | BirthTime, status)
            : IsArm() ? StatusAtArm(name, status) : StatusAtX64(name, status);
        if (result != 0 && Marshal.GetLastPInvokeError() == NotFound)
        {
            return null;
        }

        ThrowIfFailed(result);
        return Read(status);
    }

    /// <summary>Takes the advisory lock of an open file, without waiting.</summary>
    /// <returns>True if the lock was taken, false if the file system does not support such locks.</returns>
    /// <exception cref="IOException">Another process holds the lock.</exception>
    public static bool TryLock(SafeFileHandle file)
    {
        if (Lock(file, LockExclusiveNow) == 0)
        {
            return true;
        }

        int error = Marshal.GetLastPInvokeError();
        return error is WouldBlockLinux or WouldBlockMac ? throw Failure(error) : false;
    }

    /// <summary>Whether another process holds the lock of an open file. The check briefly takes a shared lock, so it does not affect other checks.</summary>
    public static bool IsLocked(SafeFileHandle file) => Lock(file, LockSharedNow) != 0 && Marshal.GetLastPInvokeError() is WouldBlockLinux or WouldBlockMac;

    /// <summary>Adds a name to an open file, by its descriptor and not by its path. Only Linux supports this.</summary>
    /// <returns>False if this system or file system does not support it.</returns>
    /// <exception cref="IOException">A file of that name exists, or the open file has no name left.</exception>
    public static bool TryLink(SafeFileHandle file, string path)
    {
        if (!OperatingSystem.IsLinux() || !Directory.Exists("/proc/self/fd"))
        {
            return false;
        }

        bool added = false;
        try
        {
            file.DangerousAddRef(ref added);
            if (LinkAt(CurrentDirectory, Name($"/proc/self/fd/{file.DangerousGetHandle()}"), CurrentDirectory, Name(path), FollowLink) == 0)
            {
                return true;
            }
        }
        finally
        {
            if (added)
            {
                file.DangerousRelease();
            }
        }

        int error = Marshal.GetLastPInvokeError();
        return error is NotPermitted or CrossDevice or InvalidArgument or TooManyLinks or NotSupportedLinux ? false : throw Failure(error);
    }

    /// <summary>Writes the names in a directory to the disk, so that they survive a power failure.</summary>
    /// <exception cref="IOException">They could not be written to the disk.</exception>
    public static void FlushDirectory(string path)
    {
        using SafeFileHandle directory = new(OpenForReading(Name(path), OperatingSystem.IsLinux() ? 0x80000 : 0x1000000), ownsHandle: true);
        if (directory.IsInvalid)
        {
            // A directory that the user can write to but not read cannot be flushed.
            int error = Marshal.GetLastPInvokeError();
            if (error != AccessDenied)
            {
                throw Failure(error);
            }

            return;
        }

        Sync(directory);
    }

    /// <summary>
    /// Writes the data of an open file to the disk. <see cref="RandomAccess.FlushToDisk"/> must not be used for that: on Unix, some versions of .NET do not report a failure.
    /// </summary>
    /// <exception cref="IOException">The data could not be written to the disk.</exception>
    public static void FlushToDisk(SafeFileHandle file)
    {
        // On macOS, fsync does not wait until the device has written its cache. Not every file system supports the other call.
        if (OperatingSystem.IsMacOS() && Control(file, FullFlush) != -1)
        {
            return;
        }

        Sync(file);
    }

    /// <summary>Sets the owner and group of an open file. Returns false if the user does not have this permission.</summary>
    public static bool TrySetOwner(SafeFileHandle file, uint owner, uint group) => ChangeOwner(file, owner, group) == 0;

    /// <summary>Gets the user that owns new files.</summary>
    public static uint CurrentUser() => EffectiveUser();

    /// <summary>Gets the permissions of a new file in this process.</summary>
    public static UnixFileMode NewFileMode()
    {
        const UnixFileMode Asked = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
        return Asked & ~Mask();
    }

    /// <summary>Encodes a path or a name for a system call.</summary>
    public static byte[] Name(string text) => Encoding.UTF8.GetBytes(text + '\0');

    // A file system that cannot flush files or directories returns EINVAL or ENOTSUP.
    private static void Sync(SafeFileHandle file)
    {
        while (Flush(file) != 0 && Marshal.GetLastPInvokeError() is not (InvalidArgument or NotSupportedLinux or NotSupportedMac) and var error)
        {
            if (error != Interrupted)
            {
                throw Failure(error);
            }
        }
    }

    private static UnixFileMode Mask()
    {
        const string Label = "Umask:";
        try
        {
            if (OperatingSystem.IsLinux() && File.ReadLines("/proc/self/status").FirstOrDefault(line => line.StartsWith(Label, StringComparison.Ordinal)) is { } line)
            {
                return (UnixFileMode)Convert.ToInt32(line[Label.Length..].Trim(), 8);
            }
        }
        catch (Exception e) when (FileErrors.IsFileFailure(e) || e is FormatException)
        {
            // Without /proc, the only way to read the mask is to set it.
        }

        // For a moment, new files of other threads get fewer permissions, but never more.
        uint mask = SetMask(0x3F);
        _ = SetMask(mask);
        return (UnixFileMode)mask;
    }

    private static FileStatus Read(ReadOnlySpan<byte> status) => OperatingSystem.IsLinux()
        ? new FileStatus(
            new FileIdentity(
                ((ulong)Word(status, 136) << 32) | Word(status, 140),
                Long(status, 32),
                (Word(status, 0) & BirthTime) != 0 ? unchecked((Long(status, 80) * 1_000_000_000) + Word(status, 88)) : 0),
            BinaryPrimitives.ReadUInt16LittleEndian(status[28..]) is var mode && (mode & TypeMask) == RegularFile,
            (long)Long(status, 40),
            Word(status, 16),
            Word(status, 20),
            Word(status, 24),
            (UnixFileMode)(mode & 0x1FF))
        : new FileStatus(
            new FileIdentity(Word(status, 0), Long(status, 8), unchecked((Long(status, 80) * 1_000_000_000) + Long(status, 88))),
            BinaryPrimitives.ReadUInt16LittleEndian(status[4..]) is var macMode && (macMode & TypeMask) == RegularFile,
            (long)Long(status, 96),
            BinaryPrimitives.ReadUInt16LittleEndian(status[6..]),
            Word(status, 16),
            Word(status, 20),
            (UnixFileMode)(macMode & 0x1FF));

    private static uint Word(ReadOnlySpan<byte> status, int offset) => BinaryPrimitives.ReadUInt32LittleEndian(status[offset..]);

    private static ulong Long(ReadOnlySpan<byte> status, int offset) => BinaryPrimitives.ReadUInt64LittleEndian(status[offset..]);

    private static bool IsArm() => RuntimeInformation.ProcessArchitecture == Architecture.Arm64;

    private static void ThrowIfFailed(int result)
    {
        if (result != 0)
        {
            throw Failure(Marshal.GetLastPInvokeError());
        }
    }

    private static IOException Failure(int error) => new(new Win32Exception(error).Message, error);

    [DllImport("libc", EntryPoint = "statx", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int StatusX(SafeFileHandle directory, byte[] path, int flags, uint mask, byte[] status);

    [DllImport("libc", EntryPoint = "statx", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int StatusXAt(int directory, byte[] path, int flags, uint mask, byte[] status);

    [DllImport("libc", EntryPoint = "fstat", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int StatusOfArm(SafeFileHandle file, byte[] status);

    [DllImport("libc", EntryPoint = "fstat$INODE64", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int StatusOfX64(SafeFileHandle file, byte[] status);

    [DllImport("libc", EntryPoint = "lstat", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int StatusAtArm(byte[] path, byte[] status);

    [DllImport("libc", EntryPoint = "lstat$INODE64", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int StatusAtX64(byte[] path, byte[] status);

    [DllImport("libc", EntryPoint = "flock", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Lock(SafeFileHandle file, int operation);

    [DllImport("libc", EntryPoint = "linkat", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int LinkAt(int fromDirectory, byte[] from, int toDirectory, byte[] to, int flags);

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int OpenForReading(byte[] path, int flags);

    [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Flush(SafeFileHandle file);

    [DllImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Control(SafeFileHandle file, int command);

    [DllImport("libc", EntryPoint = "fchown", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int ChangeOwner(SafeFileHandle file, uint owner, uint group);

    [DllImport("libc", EntryPoint = "geteuid")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern uint EffectiveUser();

    [DllImport("libc", EntryPoint = "umask")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern uint SetMask(uint mask);
}
