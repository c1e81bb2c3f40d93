using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Security.AccessControl;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace ShakenFist.Blobs.Files;

/// <summary>The calls of Windows that .NET does not offer: the identity of a file, and renaming an open file whatever its path names by now.</summary>
[SupportedOSPlatform("windows")]
internal static class WindowsFile
{
    private const int FileRenameInfo = 3;
    private const int FileIdInfo = 18;
    private const uint Delete = 0x00010000;
    private const uint ReadAttributes = 0x80;
    private const uint ShareAll = 7;
    private const uint OpenExisting = 3;
    private const uint BackupSemantics = 0x02000000;
    private const uint OpenReparsePoint = 0x00200000;
    private const uint DirectoryOrReparsePoint = 0x10 | 0x400;
    private const int FileNotFound = 2;
    private const int PathNotFound = 3;

    /// <summary>The status of an open file.</summary>
    public static FileStatus GetStatus(SafeFileHandle file)
    {
        ThrowIfFailed(GetFileInformationByHandle(file, out ByHandleInformation information));
        ulong volume = information.VolumeSerialNumber;
        UInt128 number = ((ulong)information.FileIndexHigh << 32) | information.FileIndexLow;
        Span<byte> id = stackalloc byte[24];
        if (GetFileInformationByHandleEx(file, FileIdInfo, ref MemoryMarshal.GetReference(id), (uint)id.Length))
        {
            volume = BitConverter.ToUInt64(id);
            number = new UInt128(BitConverter.ToUInt64(id[16..]), BitConverter.ToUInt64(id[8..]));
        }

        return new FileStatus(
            new FileIdentity(volume, number, ((ulong)information.CreationTimeHigh << 32) | information.CreationTimeLow),
            (information.Attributes & DirectoryOrReparsePoint) == 0,
            (long)(((ulong)information.FileSizeHigh << 32) | information.FileSizeLow),
            information.LinkCount);
    }

    /// <summary>The status of what a path names. Of a symbolic link itself. Null if the path names nothing.</summary>
    public static FileStatus? GetStatus(string path)
    {
        using SafeFileHandle file = CreateFile(path, ReadAttributes, ShareAll, 0, OpenExisting, BackupSemantics | OpenReparsePoint, 0);
        return !file.IsInvalid ? GetStatus(file)
            : Marshal.GetLastPInvokeError() is FileNotFound or PathNotFound ? null : throw Failure();
    }

    /// <summary>Renames an open file.</summary>
    /// <exception cref="IOException">The name is taken and may not be replaced, or the file system failed.</exception>
    public static void RenameByHandle(SafeFileHandle file, string target, bool replace)
    {
        // The right to delete is needed, which .NET does not ask for when it opens a file.
        using SafeFileHandle renamable = ReOpenFile(file, Delete, ShareAll, 0);
        if (renamable.IsInvalid)
        {
            throw Failure();
        }

        // FILE_RENAME_INFO: whether to replace, a directory handle, the length of the name in bytes, and the name.
        byte[] name = Encoding.Unicode.GetBytes(target);
        int nameAt = (2 * IntPtr.Size) + sizeof(uint);
        byte[] information = new byte[nameAt + name.Length + sizeof(char)];
        information[0] = replace ? (byte)1 : (byte)0;
        BitConverter.TryWriteBytes(information.AsSpan(2 * IntPtr.Size), (uint)name.Length);
        name.CopyTo(information, nameAt);
        ThrowIfFailed(SetFileInformationByHandle(renamable, FileRenameInfo, information, (uint)information.Length));
    }

    /// <summary>Gives an open file the access control list of another one.</summary>
    public static void CopyAccess(string from, SafeFileHandle to)
    {
        FileSecurity old = new FileInfo(from).GetAccessControl(AccessControlSections.Access);
        FileSecurity access = new();
        access.SetSecurityDescriptorBinaryForm(old.GetSecurityDescriptorBinaryForm(), AccessControlSections.Access);
        access.SetAccessRuleProtection(old.AreAccessRulesProtected, preserveInheritance: true);
        using SafeFileHandle changeable = ReOpenFile(to, ChangePermissions | ReadPermissions, ShareAll, 0);
        if (changeable.IsInvalid)
        {
            throw Failure();
        }

        using FileStream stream = new(changeable, FileAccess.Read, bufferSize: 0);
        stream.SetAccessControl(access);
    }

    private const uint ReadPermissions = 0x00020000 | ReadAttributes | 1;
    private const uint ChangePermissions = 0x00040000;

    private static void ThrowIfFailed(bool succeeded)
    {
        if (!succeeded)
        {
            throw Failure();
        }
    }

    private static IOException Failure()
    {
        int error = Marshal.GetLastPInvokeError();
        return new IOException(new Win32Exception(error).Message, unchecked((int)0x80070000) | error);
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct ByHandleInformation
    {
        public uint Attributes;
        public uint CreationTimeLow;
        public uint CreationTimeHigh;
        public uint LastAccessTimeLow;
        public uint LastAccessTimeHigh;
        public uint LastWriteTimeLow;
        public uint LastWriteTimeHigh;
        public uint VolumeSerialNumber;
        public uint FileSizeHigh;
        public uint FileSizeLow;
        public uint LinkCount;
        public uint FileIndexHigh;
        public uint FileIndexLow;
    }

    [DllImport("kernel32.dll", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static extern bool GetFileInformationByHandle(SafeFileHandle file, out ByHandleInformation information);

    [DllImport("kernel32.dll", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static extern bool GetFileInformationByHandleEx(SafeFileHandle file, int type, ref byte information, uint length);

    [DllImport("kernel32.dll", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static extern bool SetFileInformationByHandle(SafeFileHandle file, int type, byte[] information, uint length);

    [DllImport("kernel32.dll", EntryPoint = "CreateFileW", SetLastError = true, CharSet = CharSet.Unicode)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern SafeFileHandle CreateFile(string path, uint access, uint share, nint security, uint disposition, uint flags, nint template);

    [DllImport("kernel32.dll", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern SafeFileHandle ReOpenFile(SafeFileHandle file, uint access, uint share, uint flags);
}
