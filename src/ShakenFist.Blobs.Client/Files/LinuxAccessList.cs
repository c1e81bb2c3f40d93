using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ShakenFist.Blobs.Files;

/// <summary>
/// Reads and copies Linux access control lists (POSIX ACLs): the list of a file, and the default list of a directory. The format is that of the extended attributes: a
/// version of 4 bytes, then 8 bytes for each entry (tag, permissions, ID).
/// </summary>
internal static class LinuxAccessList
{
    private const string OfFile = "system.posix_acl_access";
    private const string OfNewFiles = "system.posix_acl_default";

    private const int HeaderBytes = 4;

    // The maximum size of an extended attribute.
    private const int MaxBytes = 64 * 1024;
    private const int EntryBytes = 8;
    private const int OwnerTag = 0x01;
    private const int GroupTag = 0x04;
    private const int MaskTag = 0x10;
    private const int OtherTag = 0x20;
    private const int ReadWrite = 6;

    /// <summary>Copies the access control list of one file to another. If the first file has no list, removes the list of the second.</summary>
    /// <returns>False if the list could not be copied.</returns>
    public static bool TryCopy(string from, SafeFileHandle to) =>
        Read(from, OfFile) is { } list ? SetAttribute(to, UnixFile.Name(OfFile), list, (nuint)list.Length, 0) == 0 : TryRemove(to);

    /// <summary>Removes the access control list of a file. Its permissions do not change.</summary>
    /// <returns>False if the file still has a list.</returns>
    public static bool TryRemove(SafeFileHandle file)
    {
        const int NoData = 61;
        const int NotSupported = 95;
        return RemoveAttribute(file, UnixFile.Name(OfFile)) == 0 || Marshal.GetLastPInvokeError() is NoData or NotSupported;
    }

    /// <summary>Gets the permissions of a new file in a directory with a default list, which replaces the umask. Null if the directory has no default list.</summary>
    public static UnixFileMode? NewFileMode(string directory)
    {
        if (Read(directory, OfNewFiles) is not { } list)
        {
            return null;
        }

        Dictionary<int, int> permissions = [];
        for (int at = HeaderBytes; at + EntryBytes <= list.Length; at += EntryBytes)
        {
            permissions.TryAdd(BinaryPrimitives.ReadUInt16LittleEndian(list.AsSpan(at)), BinaryPrimitives.ReadUInt16LittleEndian(list.AsSpan(at + 2)) & ReadWrite);
        }

        int owner = permissions.GetValueOrDefault(OwnerTag);
        int group = permissions.TryGetValue(MaskTag, out int mask) ? mask : permissions.GetValueOrDefault(GroupTag);
        return (UnixFileMode)((owner << 6) | (group << 3) | permissions.GetValueOrDefault(OtherTag));
    }

    private static byte[]? Read(string path, string attribute)
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        byte[] value = ArrayPool<byte>.Shared.Rent(MaxBytes);
        try
        {
            nint length = GetAttribute(UnixFile.Name(path), UnixFile.Name(attribute), value, MaxBytes);
            return length > HeaderBytes ? value[..(int)length] : null;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(value);
        }
    }

    [DllImport("libc", EntryPoint = "getxattr", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern nint GetAttribute(byte[] path, byte[] name, byte[] value, nuint size);

    [DllImport("libc", EntryPoint = "fsetxattr", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SetAttribute(SafeFileHandle file, byte[] name, byte[] value, nuint size, int flags);

    [DllImport("libc", EntryPoint = "fremovexattr", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int RemoveAttribute(SafeFileHandle file, byte[] name);
}
