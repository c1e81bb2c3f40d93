using System.Runtime.Versioning;
using System.Security.AccessControl;
using System.Security.Principal;
using Microsoft.Win32.SafeHandles;
using ShakenFist.Blobs.Files;

namespace ShakenFist.Blobs.Client.Tests.Files;

[SupportedOSPlatform("windows")]
public sealed class WindowsFileTests
{
    private static readonly byte[] Content = [1, 2, 3, 4];

    [WindowsFact]
    public void A_file_is_renamed_by_its_handle_even_if_its_path_refers_to_another_file()
    {
        using TempFolder folder = new();
        using (SafeFileHandle ours = Create(folder.At("ours.sfpart"), FileShare.ReadWrite | FileShare.Delete))
        {
            File.Move(folder.At("ours.sfpart"), folder.At("moved"));
            folder.Write("ours.sfpart", [9]);
            WindowsFile.RenameByHandle(ours, folder.At("final.raw"), replace: false);
        }

        Assert.Equal(Content, File.ReadAllBytes(folder.At("final.raw")));
        Assert.Equal([9], File.ReadAllBytes(folder.At("ours.sfpart")));
        Assert.False(File.Exists(folder.At("moved")));
    }

    [WindowsFact]
    public void An_existing_file_is_replaced_only_if_specified()
    {
        using TempFolder folder = new();
        folder.Write("final.raw", [9]);
        using (SafeFileHandle ours = Create(folder.At("ours.sfpart")))
        {
            IOException exception = Assert.Throws<IOException>(() => WindowsFile.RenameByHandle(ours, folder.At("final.raw"), replace: false));
            Assert.True(exception.HResult is WindowsErrors.FileExists or WindowsErrors.AlreadyExists, exception.Message);
            Assert.Equal([9], File.ReadAllBytes(folder.At("final.raw")));
            WindowsFile.RenameByHandle(ours, folder.At("final.raw"), replace: true);
        }

        Assert.Equal(Content, File.ReadAllBytes(folder.At("final.raw")));
        Assert.False(File.Exists(folder.At("ours.sfpart")));
    }

    [WindowsFact]
    public void A_rename_into_a_directory_that_does_not_exist_fails()
    {
        using TempFolder folder = new();
        using SafeFileHandle ours = Create(folder.At("ours.sfpart"));
        Assert.Throws<DirectoryNotFoundException>(() => WindowsFile.RenameByHandle(ours, folder.At("missing/final.raw"), replace: true));
    }

    [WindowsFact]
    public void A_file_keeps_its_identity_when_it_is_renamed()
    {
        using TempFolder folder = new();
        using SafeFileHandle ours = Create(folder.At("ours.sfpart"), FileShare.ReadWrite | FileShare.Delete);
        FileStatus before = FileStatus.Of(ours);
        Assert.NotEqual(UInt128.Zero, before.Identity.Number);
        Assert.Equal(before, FileStatus.At(folder.At("ours.sfpart")));
        WindowsFile.RenameByHandle(ours, folder.At("final.raw"), replace: false);
        Assert.Equal(before, FileStatus.Of(ours));
        Assert.Equal(before, FileStatus.At(folder.At("final.raw")));
        Assert.Null(FileStatus.At(folder.At("ours.sfpart")));
    }

    [WindowsFact]
    public void The_name_of_a_file_that_is_deleted_by_its_handle_can_be_used_again()
    {
        using TempFolder folder = new();
        using (SafeFileHandle ours = Create(folder.At("ours.sfpart"), FileShare.Delete))
        {
            WindowsFile.DeleteName(ours, folder.At("ours.sfpart"));
            Assert.Null(FileStatus.At(folder.At("ours.sfpart")));
            Create(folder.At("ours.sfpart")).Dispose();
            byte[] read = new byte[Content.Length];
            Assert.Equal(Content.Length, RandomAccess.Read(ours, read, 0));
            Assert.Equal(Content, read);
        }

        Assert.Equal(folder.At("ours.sfpart"), Assert.Single(Directory.GetFiles(folder.Path)));
    }

    [WindowsFact]
    public void A_file_that_cannot_be_deleted_keeps_its_name()
    {
        using TempFolder folder = new();
        string path = folder.At("ours.sfpart");
        using (SafeFileHandle ours = Create(path, FileShare.Delete))
        {
            File.SetAttributes(ours, FileAttributes.ReadOnly);
            Assert.Throws<UnauthorizedAccessException>(() => WindowsFile.DeleteName(ours, path));
            File.SetAttributes(ours, FileAttributes.Normal);
        }

        Assert.Equal(path, Assert.Single(Directory.GetFiles(folder.Path)));
    }

    [WindowsFact]
    public void A_deleted_file_that_is_still_open_does_not_exist()
    {
        using TempFolder folder = new();
        string path = folder.At("ours.sfpart");
        using SafeFileHandle ours = Create(path, FileShare.ReadWrite | FileShare.Delete);

        // This keeps the name until the last handle is closed, as FAT volumes and most shares always do. A delete by path removes it from an NTFS volume immediately.
        File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.DeleteOnClose).Dispose();
        Assert.Null(FileStatus.At(path));
        try
        {
            Create(path).Dispose();
        }
        catch (IOException e)
        {
            Assert.Equal(SfErrors.TargetBusy, FileErrors.Of(e, path).Error);
        }
    }

    [WindowsFact]
    public void A_file_keeps_its_identity_when_its_times_change()
    {
        using TempFolder folder = new();
        string path = folder.Write("ours.sfpart", Content);
        FileIdentity before = FileStatus.At(path)!.Value.Identity;
        File.SetCreationTimeUtc(path, new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        File.SetLastWriteTimeUtc(path, new DateTime(2021, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        Assert.Equal(before, FileStatus.At(path)!.Value.Identity);
    }

    [WindowsFact]
    public void A_file_can_be_renamed_to_a_name_that_was_just_deleted()
    {
        using TempFolder folder = new();
        File.SetCreationTimeUtc(folder.Write("final.raw", [9]), new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        using (SafeFileHandle ours = Create(folder.At("ours.sfpart")))
        {
            // NTFS gives a new file the creation time of a recently deleted file of the same name.
            File.Delete(folder.At("final.raw"));
            FilePlacement.Move(ours, folder.At("ours.sfpart"), folder.At("final.raw"), replace: false);
        }

        Assert.Equal(Content, File.ReadAllBytes(folder.At("final.raw")));
    }

    [WindowsFact]
    public void Two_files_have_two_identities()
    {
        using TempFolder folder = new();
        folder.Write("a", Content);
        folder.Write("b", Content);
        Assert.NotEqual(FileStatus.At(folder.At("a"))!.Value.Identity, FileStatus.At(folder.At("b"))!.Value.Identity);
        Assert.NotNull(FileStatus.At(folder.Path));
    }

    [WindowsFact]
    public void A_file_of_one_name_has_one_link()
    {
        using TempFolder folder = new();
        using SafeFileHandle ours = Create(folder.At("ours.sfpart"));
        Assert.Equal(1u, FileStatus.Of(ours).LinkCount);
        Assert.True(FileStatus.Of(ours).IsRegular);
    }

    [WindowsFact]
    public void CreateNew_fails_if_the_file_exists()
    {
        using TempFolder folder = new();
        string path = folder.Write("ours.sfpart", [9]);
        IOException exception = Assert.Throws<IOException>(() => WindowsFile.Open(path, FileMode.CreateNew, FileShare.None).Dispose());
        Assert.Equal(WindowsErrors.FileExists, exception.HResult);
        Assert.Equal([9], File.ReadAllBytes(path));
    }

    [WindowsFact]
    public void An_open_file_that_is_not_shared_is_a_sharing_violation()
    {
        using TempFolder folder = new();
        using SafeFileHandle ours = Create(folder.At("ours.sfpart"), FileShare.None);
        IOException exception = Assert.Throws<IOException>(() => WindowsFile.Open(folder.At("ours.sfpart"), FileMode.Open, FileShare.None).Dispose());
        Assert.Equal(WindowsErrors.SharingViolation, exception.HResult);
    }

    [WindowsFact]
    public async Task A_file_that_is_opened_for_asynchronous_IO_is_written_and_renamed()
    {
        using TempFolder folder = new();
        using (SafeFileHandle ours = WindowsFile.Open(folder.At("ours.sfpart"), FileMode.CreateNew, FileShare.Read, FileOptions.Asynchronous))
        {
            Assert.True(ours.IsAsync);
            await RandomAccess.WriteAsync(ours, Content, 0, TestContext.Current.CancellationToken);
            WindowsFile.RenameByHandle(ours, folder.At("final.raw"), replace: false);
        }

        Assert.Equal(Content, await File.ReadAllBytesAsync(folder.At("final.raw"), TestContext.Current.CancellationToken));
    }

    [WindowsFact]
    public async Task Enabling_a_sparse_file_works_on_any_handle_and_reports_the_actual_state()
    {
        using TempFolder folder = new();
        foreach (FileOptions options in (FileOptions[])[FileOptions.None, FileOptions.Asynchronous])
        {
            using SafeFileHandle file = WindowsFile.Open(folder.At($"{options}.raw"), FileMode.CreateNew, FileShare.Read, options);
            await RandomAccess.WriteAsync(file, Content, 0, TestContext.Current.CancellationToken);
            bool sparse = WindowsSparseFile.TryEnable(file);
            Assert.Equal(sparse, WindowsFile.GetAttributes(file).HasFlag(FileAttributes.SparseFile));
            Assert.Equal(sparse, WindowsSparseFile.IsSparse(file));
            await RandomAccess.WriteAsync(file, Content, 1 << 20, TestContext.Current.CancellationToken);
            Assert.Equal((1 << 20) + Content.Length, RandomAccess.GetLength(file));
        }
    }

    [WindowsFact]
    public void The_access_control_list_of_a_file_is_copied()
    {
        using TempFolder folder = new();
        folder.Write("old.raw", [9]);
        FileInfo old = new(folder.At("old.raw"));
        FileSecurity security = new();
        security.SetAccessRuleProtection(isProtected: true, preserveInheritance: false);
        security.AddAccessRule(new(WindowsIdentity.GetCurrent().User!, FileSystemRights.FullControl, AccessControlType.Allow));
        old.SetAccessControl(security);
        using SafeFileHandle source = WindowsFile.Open(old.FullName, FileMode.Open, FileShare.ReadWrite);
        using (SafeFileHandle ours = WindowsFile.Open(folder.At("ours.sfpart"), FileMode.CreateNew, FileShare.ReadWrite, permissionsOf: source))
        {
            WindowsFile.CopyPermissions(source, ours);
        }

        Assert.Equal(AccessRules(old), AccessRules(new FileInfo(folder.At("ours.sfpart"))));
    }

    private static string AccessRules(FileInfo file) => file.GetAccessControl().GetSecurityDescriptorSddlForm(AccessControlSections.Access);

    private static SafeFileHandle Create(string path, FileShare share = FileShare.Read)
    {
        SafeFileHandle handle = WindowsFile.Open(path, FileMode.CreateNew, share);
        RandomAccess.Write(handle, Content, 0);
        return handle;
    }
}
