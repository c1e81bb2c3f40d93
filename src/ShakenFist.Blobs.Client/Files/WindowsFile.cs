using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace ShakenFist.Blobs.Files;

/// <summary>Operations on open files of Windows by handle and not by path, because another process can change what a path refers to.</summary>
[SupportedOSPlatform("windows")]
internal static class WindowsFile
{
    private const uint GenericRead = 0x80000000;
    private const uint GenericWrite = 0x40000000;
    private const uint DeleteAccess = 0x00010000;
    private const uint WriteDac = 0x00040000;
    private const uint ReadAttributes = 0x00000080;
    private const uint OpenReparsePoint = 0x00200000;
    private const uint BackupSemantics = 0x02000000;

    private const uint ReplaceIfExists = 1;
    private const uint PosixSemantics = 2;

    private const int InvalidFunction = 1;
    private const int AccessDenied = 5;
    private const int NotSupported = 50;
    private const int InvalidParameter = 87;
    private const int CallNotImplemented = 120;
    private const int DeletePendingStatus = unchecked((int)0xC0000056);

    /// <summary>Opens a file for reading, writing, and renaming by handle, without following a link. The methods of .NET support neither.</summary>
    /// <param name="path">Full path of the file.</param>
    /// <param name="mode">Only <see cref="FileMode.CreateNew"/>, <see cref="FileMode.Open"/> and <see cref="FileMode.OpenOrCreate"/>.</param>
    /// <param name="share">The access that other processes have while the file is open.</param>
    /// <param name="options">Flags of CreateFile, such as <see cref="FileOptions.Asynchronous"/>.</param>
    /// <param name="permissionsOf">
    /// A file whose access control list is copied to a new file, so that no other users can ever read it. Null for the default list of the directory.
    /// </param>
    /// <exception cref="IOException">The file cannot be opened, or the path is a link. <see cref="UnauthorizedAccessException"/> if access is denied.</exception>
    public static SafeFileHandle Open(string path, FileMode mode, FileShare share, FileOptions options = FileOptions.None, SafeFileHandle? permissionsOf = null)
    {
        nint descriptor = permissionsOf is null ? 0 : GetAccessControlList(permissionsOf);
        try
        {
            SafeFileHandle handle = OpenToRename(path, share, mode, options, descriptor);
            if (!GetAttributes(handle).HasFlag(FileAttributes.ReparsePoint))
            {
                return handle;
            }

            handle.Dispose();
            throw new IOException($"'{path}' is a link.");
        }
        finally
        {
            _ = WindowsNative.LocalFree(descriptor);
        }
    }

    /// <summary>
    /// Renames an open file on the same volume. The handle must have been opened by <see cref="Open(string, FileMode, FileShare, FileOptions, SafeFileHandle?)"/>. With
    /// <paramref name="replace"/>, an existing file of that name is replaced in one step, unless it is read-only or open without <see cref="FileShare.Delete"/>.
    /// </summary>
    /// <exception cref="IOException">
    /// The file cannot be renamed. The HRESULT is <see cref="WindowsErrors.FileExists"/> or <see cref="WindowsErrors.AlreadyExists"/> if a file of that name exists and
    /// <paramref name="replace"/> is false.
    /// </exception>
    public static void RenameByHandle(SafeFileHandle file, string target, bool replace)
    {
        string path = WindowsPath.ToExtended(Path.GetFullPath(target));
        uint flags = replace ? ReplaceIfExists : 0;

        // With POSIX semantics, a file can be replaced while other processes read it. NTFS supports them since Windows 10 1607. FAT and most shares do not.
        int error = Rename(file, WindowsNative.FileRenameInfoEx, path, flags | PosixSemantics);
        if (error is InvalidFunction or NotSupported or InvalidParameter or CallNotImplemented)
        {
            error = Rename(file, WindowsNative.FileRenameInfo, path, flags);
        }

        if (error != 0)
        {
            throw WindowsErrors.ToException(error, target);
        }
    }

    /// <summary>
    /// Deletes the name of an open file, so that a new file can get it although this file is still open. The handle must have been opened by
    /// <see cref="Open(string, FileMode, FileShare, FileOptions, SafeFileHandle?)"/> with <see cref="FileShare.Delete"/>.
    /// </summary>
    /// <exception cref="IOException">The file cannot be renamed or deleted.</exception>
    public static void DeleteName(SafeFileHandle file, string path)
    {
        // FAT volumes and most shares keep the name of a deleted file until its last handle is closed.
        string aside = FilePlacement.Beside(path, Path.GetExtension(path));
        RenameByHandle(file, aside, replace: false);
        try
        {
            File.Delete(aside);
        }
        catch
        {
            RenameByHandle(file, path, replace: false);
            throw;
        }
    }

    /// <summary>Gets the status of an open file.</summary>
    /// <exception cref="IOException">The file system does not report it.</exception>
    public static FileStatus GetStatus(SafeFileHandle file)
    {
        WindowsNative.ByHandleFileInformation information = GetInformation(file);
        (ulong volume, UInt128 number) = GetFileId(file, information);
        FileAttributes attributes = (FileAttributes)information.Attributes;

        // NTFS and ReFS do not reuse file IDs. The creation time adds nothing: users can change it, and a new file gets the creation time of a recently deleted file of
        // the same name.
        return new FileStatus(
            new FileIdentity(volume, number, number == UInt128.Zero ? (ulong)information.CreationTime : 0),
            (attributes & (FileAttributes.Directory | FileAttributes.ReparsePoint)) == 0,
            (long)(((ulong)information.SizeHigh << 32) | information.SizeLow),
            information.Links);
    }

    /// <summary>Gets the status of the file at a path, without following a link. Null if nothing exists there, or only the name of a deleted file that is still open.</summary>
    /// <exception cref="IOException">The file system does not report it.</exception>
    public static FileStatus? GetStatus(string path)
    {
        try
        {
            using SafeFileHandle handle = Open(path, ReadAttributes, (uint)(FileShare.ReadWrite | FileShare.Delete), (uint)FileMode.Open, OpenReparsePoint | BackupSemantics, 0);
            return GetStatus(handle);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or IOException { HResult: WindowsErrors.DeletePending })
        {
            return null;
        }
    }

    /// <summary>Gets the attributes of an open file. If it is a link, gets the attributes of the link.</summary>
    /// <exception cref="IOException">The file system does not report them.</exception>
    public static FileAttributes GetAttributes(SafeFileHandle file) => (FileAttributes)GetInformation(file).Attributes;

    /// <summary>
    /// Copies the access control list (DACL) of one open file to another, including whether it inherits from the directory. The second handle must have been opened by
    /// <see cref="Open(string, FileMode, FileShare, FileOptions, SafeFileHandle?)"/>.
    /// </summary>
    /// <exception cref="IOException">
    /// The file system does not support access control lists. <see cref="UnauthorizedAccessException"/> if the user does not have permission to change them.
    /// </exception>
    public static void CopyPermissions(SafeFileHandle from, SafeFileHandle to)
    {
        nint descriptor = GetAccessControlList(from);
        try
        {
            // Without this bit, the system stores the inherited entries as explicit ones, and later changes of the directory do not apply to the file.
            if (WindowsNative.GetSecurityDescriptorControl(descriptor, out ushort control, out _) && (control & SecurityInformation.AutoInherited) != 0)
            {
                _ = WindowsNative.SetSecurityDescriptorControl(descriptor, SecurityInformation.AutoInheritRequest, SecurityInformation.AutoInheritRequest);
            }

            if (!WindowsNative.SetKernelObjectSecurity(to, SecurityInformation.Dacl, descriptor))
            {
                throw WindowsErrors.ToException(Marshal.GetLastPInvokeError(), "access control list");
            }
        }
        finally
        {
            _ = WindowsNative.LocalFree(descriptor);
        }
    }

    private static SafeFileHandle OpenToRename(string path, FileShare share, FileMode mode, FileOptions options, nint descriptor)
    {
        const uint Access = GenericRead | GenericWrite | DeleteAccess;
        uint flags = (uint)options | OpenReparsePoint;
        try
        {
            return Open(path, Access | WriteDac, (uint)(share & ~FileShare.Inheritable), (uint)mode, flags, descriptor);
        }
        catch (UnauthorizedAccessException)
        {
            // A share that permits writing to files does not always permit changing their access control list.
            return Open(path, Access, (uint)(share & ~FileShare.Inheritable), (uint)mode, flags, descriptor);
        }
    }

    private static SafeFileHandle Open(string path, uint access, uint share, uint disposition, uint flags, nint descriptor)
    {
        WindowsNative.SecurityAttributes security = new() { Length = Marshal.SizeOf<WindowsNative.SecurityAttributes>(), Descriptor = descriptor };
        SafeFileHandle handle = WindowsNative.CreateFile(WindowsPath.ToExtended(Path.GetFullPath(path)), access, share, ref security, disposition, flags, 0);
        if (!handle.IsInvalid)
        {
            return handle;
        }

        int error = Marshal.GetLastPInvokeError();
        bool isDeleted = error == AccessDenied && WindowsNative.RtlGetLastNtStatus() == DeletePendingStatus;
        handle.Dispose();
        throw isDeleted ? new IOException($"The file is deleted, but still open: '{path}'.", WindowsErrors.DeletePending) : WindowsErrors.ToException(error, path);
    }

    private static WindowsNative.ByHandleFileInformation GetInformation(SafeFileHandle file) =>
        WindowsNative.GetFileInformationByHandle(file, out WindowsNative.ByHandleFileInformation information)
            ? information
            : throw WindowsErrors.ToException(Marshal.GetLastPInvokeError(), "open file");

    private static int Rename(SafeFileHandle file, int informationClass, string path, uint flags)
    {
        // FILE_RENAME_INFO: flags, the handle of a directory (none), the length of the name in bytes, the name, and a NUL.
        int directoryOffset = nint.Size;
        int lengthOffset = directoryOffset + nint.Size;
        int nameOffset = lengthOffset + sizeof(uint);
        int nameLength = Encoding.Unicode.GetByteCount(path);
        byte[] information = new byte[nameOffset + nameLength + sizeof(char)];
        BinaryPrimitives.WriteUInt32LittleEndian(information, flags);
        BinaryPrimitives.WriteInt32LittleEndian(information.AsSpan(lengthOffset), nameLength);
        Encoding.Unicode.GetBytes(path, information.AsSpan(nameOffset));
        return WindowsNative.SetFileInformationByHandle(file, informationClass, information, (uint)information.Length) ? 0 : Marshal.GetLastPInvokeError();
    }

    /// <summary>
    /// Gets the serial number of the volume, and the ID of the file there. The ID has 128 bits, of which NTFS uses 64. FAT supports only the older functions, and the
    /// ID is the position of the directory entry. The ID is 0 if the file system has none. Then only the creation time identifies the file.
    /// </summary>
    private static (ulong Volume, UInt128 Number) GetFileId(SafeFileHandle file, in WindowsNative.ByHandleFileInformation old)
    {
        byte[] information = new byte[24];
        (ulong Volume, UInt128 Number) id = WindowsNative.GetFileInformationByHandleEx(file, WindowsNative.FileIdInfo, information, (uint)information.Length)
            ? (BinaryPrimitives.ReadUInt64LittleEndian(information), BinaryPrimitives.ReadUInt128LittleEndian(information.AsSpan(8)))
            : (old.VolumeSerialNumber, ((ulong)old.IndexHigh << 32) | old.IndexLow);

        // A file system without IDs reports all zeros or all ones.
        return id.Number == UInt128.MaxValue || id.Number == ulong.MaxValue ? (old.VolumeSerialNumber, UInt128.Zero) : id;
    }

    /// <summary>Gets the access control list in a security descriptor, which the caller frees.</summary>
    private static nint GetAccessControlList(SafeFileHandle file)
    {
        int error = WindowsNative.GetSecurityInfo(file, SecurityInformation.FileObject, SecurityInformation.Dacl, out _, out _, out _, out _, out nint descriptor);
        return error == 0 ? descriptor : throw WindowsErrors.ToException(error, "security descriptor");
    }

    private static class SecurityInformation
    {
        public const int FileObject = 1;
        public const uint Dacl = 4;
        public const ushort AutoInheritRequest = 0x0100;
        public const ushort AutoInherited = 0x0400;
    }
}
