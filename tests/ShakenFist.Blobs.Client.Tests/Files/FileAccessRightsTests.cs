using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Text;
using Microsoft.Win32.SafeHandles;
using ShakenFist.Blobs.Files;

namespace ShakenFist.Blobs.Client.Tests.Files;

/// <summary>Tests Linux access control lists. Permissions without lists are tested with whole downloads.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class FileAccessRightsTests : IDisposable
{
    private const string OfFile = "system.posix_acl_access";
    private const string OfNewFiles = "system.posix_acl_default";
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("sf-rights-");

    [Theory]
    [InlineData(6, 4, 0)]
    [InlineData(6, 6, 4)]
    [InlineData(4, 0, 0)]
    public void A_new_file_gets_the_access_rights_of_any_new_file_in_the_directory(int owner, int mask, int other)
    {
        SetList(_directory.FullName, OfNewFiles, owner, named: 6, group: 4, mask, other);
        string plain = Path.Combine(_directory.FullName, "plain");
        File.WriteAllText(plain, string.Empty);

        string saved = Finish(replaces: false);

        Assert.Equal(File.GetUnixFileMode(plain), File.GetUnixFileMode(saved));
        Assert.Equal(GetList(plain), GetList(saved));
    }

    [Fact]
    public void A_replaced_file_keeps_its_list()
    {
        string target = Path.Combine(_directory.FullName, "target");
        File.WriteAllText(target, string.Empty);
        SetList(target, OfFile, owner: 6, named: 4, group: 0, mask: 4, other: 0);
        byte[]? before = GetList(target);
        UnixFileMode mode = File.GetUnixFileMode(target);

        string saved = Finish(replaces: true);

        Assert.NotNull(before);
        Assert.Equal(before, GetList(saved));
        Assert.Equal(mode, File.GetUnixFileMode(saved));
    }

    [Fact]
    public void A_replaced_file_without_a_list_gets_none_from_the_directory()
    {
        string target = Path.Combine(_directory.FullName, "target");
        File.WriteAllText(target, string.Empty);
        const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;
        SetList(_directory.FullName, OfNewFiles, owner: 6, named: 6, group: 6, mask: 6, other: 6);
        File.SetUnixFileMode(target, Mode);

        string saved = Finish(replaces: true);

        Assert.Null(GetList(saved));
        Assert.Equal(Mode, File.GetUnixFileMode(saved));
    }

    public void Dispose() => _directory.Delete(recursive: true);

    private string Finish(bool replaces)
    {
        string path = Path.Combine(_directory.FullName, "temporary");
        using SafeFileHandle file = PrivateFile.Create(path, FileShare.None);
        Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(file) & ~(UnixFileMode.UserRead | UnixFileMode.UserWrite));
        FileAccessRights.Apply(file, Path.Combine(_directory.FullName, "target"), replaces);
        return path;
    }

    private static void SetList(string path, string attribute, int owner, int named, int group, int mask, int other)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Lists of this form are Linux's.");
        byte[] list = new byte[4 + (5 * 8)];
        list[0] = 2;
        int at = 4;
        foreach ((int tag, int permissions, uint id) in new[] { (1, owner, uint.MaxValue), (2, named, 12345u), (4, group, uint.MaxValue), (0x10, mask, uint.MaxValue), (0x20, other, uint.MaxValue) })
        {
            BinaryPrimitives.WriteUInt16LittleEndian(list.AsSpan(at), (ushort)tag);
            BinaryPrimitives.WriteUInt16LittleEndian(list.AsSpan(at + 2), (ushort)permissions);
            BinaryPrimitives.WriteUInt32LittleEndian(list.AsSpan(at + 4), id);
            at += 8;
        }

        Assert.SkipUnless(SetAttribute(Name(path), Name(attribute), list, (nuint)list.Length, 0) == 0, "The file system has no such lists.");
    }

    private static byte[]? GetList(string path)
    {
        byte[] list = new byte[1024];
        nint length = GetAttribute(Name(path), Name(OfFile), list, (nuint)list.Length);
        return length < 0 ? null : list[..(int)length];
    }

    private static byte[] Name(string text) => Encoding.UTF8.GetBytes(text + '\0');

    [DllImport("libc", EntryPoint = "setxattr", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SetAttribute(byte[] path, byte[] name, byte[] value, nuint size, int flags);

    [DllImport("libc", EntryPoint = "getxattr", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern nint GetAttribute(byte[] path, byte[] name, byte[] value, nuint size);
}
