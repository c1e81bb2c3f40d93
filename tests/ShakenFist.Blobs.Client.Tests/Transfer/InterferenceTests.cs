using System.Diagnostics;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;
using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Files;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Client.Tests;

/// <summary>
/// Another process interferes with the files next to the target. The target is correct or does not exist, other files are not changed, and the same command works
/// afterwards.
/// </summary>
public sealed class InterferenceTests
{
    private const int Size = 600_000;
    private const int Block = 1 << 16;

    private static readonly SfBlobSaveOptions Save = new() { Limits = new SfTransferLimits(1) };

    public static TheoryData<string, string, bool, bool> Interferences
    {
        get
        {
            TheoryData<string, string, bool, bool> rows = [];
            foreach (string what in new[] { "delete", "delete and create", "rename over", "rename away", "link", "symbolic link", "truncate", "append", "replace the journal", "delete the journal" })
            {
                foreach (string moment in new[] { "while it is written", "before the last flush", "before it is named" })
                {
                    foreach (bool sparse in new[] { false, true })
                    {
                        rows.Add(what, moment, sparse, true);
                        rows.Add(what, moment, sparse, false);
                    }
                }
            }

            foreach (string what in new[] { "overwrite", "truncate and extend" })
            {
                foreach (string moment in new[] { "while it is written", "before the last flush" })
                {
                    rows.Add(what, moment, false, false);
                    rows.Add(what, moment, true, true);
                }
            }

            return rows;
        }
    }

    private static async Task<Download> StartAsync(bool publish = true)
    {
        Download download = await Download.StartAsync(Size, publish: publish);
        download.Options = Cluster.Quick with { BlockBytes = Block, RequestBytes = 2 * Block };
        return download;
    }

    private static string Part(Download download) => download.Target + PartialDownload.Suffix;

    [Theory]
    [MemberData(nameof(Interferences))]
    public async Task If_another_process_interferes_only_the_verified_file_gets_the_name(string what, string moment, bool sparse, bool force)
    {
        Assert.SkipWhen(
            OperatingSystem.IsWindows() && what is not ("delete" or "rename away" or "link" or "delete the journal"),
            "On Windows, other processes cannot write to the file or replace it.");
        await using Download download = await StartAsync();
        byte[] old = [7, 7, 7];
        if (force)
        {
            download.Folder.Write("blob.raw", old);
        }

        byte[] other = Download.Random(Size + 1)[..Size];
        string bystander = download.Folder.Write("bystander", other);
        SfBlobSaveOptions options = Save with { Force = force, Sparse = sparse ? SfSparsePolicy.Always : SfSparsePolicy.Never };
        int writes = 0;
        bool done = false;
        SfException? failure = null;
        using (new FaultInjectingDisk(download.Folder.Path, (operation, path) =>
        {
            bool now = moment switch
            {
                "while it is written" => operation == FileOperation.Write && path == Part(download) && Interlocked.Increment(ref writes) == 5,
                "before the last flush" => operation == FileOperation.Flush && path == Part(download),
                _ => operation == FileOperation.Rename,
            };
            if (now && !done)
            {
                done = true;
                Interfere(what, download, bystander);
            }
        }))
        {
            try
            {
                SfBlobSaveResult transfer = await download.RunAsync(options);
                Assert.Equal(SfVerificationOutcome.Verified, transfer.Verification);
            }
            catch (SfException e)
            {
                failure = e;
                Assert.Contains(e.Error, new[] { SfErrors.TargetChanged, SfErrors.TargetBusy, SfErrors.FileFailed });
            }
        }

        Assert.True(done, "There was no such moment.");
        Assert.Equal(other, await File.ReadAllBytesAsync(bystander, Limit.Token));
        if (failure is null)
        {
            Assert.Equal(download.Content, await File.ReadAllBytesAsync(download.Target, Limit.Token));
            Assert.Null(new FileInfo(download.Target).LinkTarget);
        }
        else
        {
            // A file that is replaced during the rename has already replaced the old file, and is moved aside. Then there is no target.
            bool changesThen = moment == "before it is named" && what is ("truncate" or "append");
            bool isGone = !File.Exists(download.Target);
            Assert.True(force && !changesThen ? !isGone && File.ReadAllBytes(download.Target).SequenceEqual(old) : isGone, "The target is neither the old file nor absent.");
        }

        // The remaining files do not prevent the next command from saving.
        foreach (string left in Directory.GetFiles(download.Folder.Path).Where(f => new FileInfo(f).LinkTarget is not null))
        {
            File.Delete(left);
        }

        await download.RunAsync(options with { Force = true });
        Assert.Equal(download.Content, await File.ReadAllBytesAsync(download.Target, Limit.Token));
        Assert.Equal(other, await File.ReadAllBytesAsync(bystander, Limit.Token));
        InterruptedTransfer.Remove(download.Target);
    }

    [Theory]
    [InlineData(PartialDownload.Suffix)]
    [InlineData(TransferJournal.Suffix)]
    [InlineData(TransferJournal.NewSuffix)]
    public async Task A_file_with_a_hard_link_is_never_written_to(string suffix)
    {
        await using Download download = await StartAsync();
        byte[] other = Download.Random(5000);
        string bystander = download.Folder.Write("bystander", other);
        HardLink.Create(bystander, download.Target + suffix);
        await download.SavesAsync(Save);
        Assert.Equal(other, await File.ReadAllBytesAsync(bystander, Limit.Token));
    }

    [Theory]
    [InlineData("copied")]
    [InlineData("linked")]
    public async Task Blocks_of_a_file_that_must_not_be_written_to_are_copied_and_not_fetched_again(string how)
    {
        await using Download download = await StartAsync();
        download.With(new Fault { Kind = FaultKind.Status, Status = 403, Skip = 3, Times = int.MaxValue });
        await download.FailsAsync(SfErrors.AccessForbidden, Save);
        long kept = BlobTransferApi.Get(download.Target)!.BytesTransferred;
        download.Cluster.Faults.Clear();
        string bystander = download.Folder.At("bystander");
        if (how == "copied")
        {
            File.Copy(Part(download), bystander);
            File.Move(bystander, Part(download), overwrite: true);
        }
        else
        {
            HardLink.Create(Part(download), bystander);
        }

        byte[] before = await File.ReadAllBytesAsync(how == "copied" ? Part(download) : bystander, Limit.Token);
        SfBlobSaveResult transfer = await download.SavesAsync(Save);
        Assert.Equal((kept, Size - kept), (transfer.BytesResumed, transfer.BytesReceived));
        if (how == "linked")
        {
            Assert.Equal(before, await File.ReadAllBytesAsync(bystander, Limit.Token));
        }
    }

    [Fact]
    public async Task A_temporary_file_of_another_user_is_rejected_or_replaced_with_Force()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.UserName == "root", "Only root can give a file to another user.");
        await using Download download = await StartAsync();
        byte[] other = Download.Random(Size);
        File.WriteAllBytes(Part(download), other);
        Run("chown", "65534", Part(download));
        using FileStream held = new(Part(download), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        SfException e = await SfAssert.ThrowsAsync(SfErrors.TransferConflict, () => download.RunAsync(Save));
        Assert.Contains("belongs to another user", e.Message, StringComparison.Ordinal);
        Assert.Equal(other, await File.ReadAllBytesAsync(Part(download), Limit.Token));

        // Processes that had the old file open have a different file now.
        await download.SavesAsync(Save with { Force = true });
        byte[] read = new byte[Size];
        Assert.Equal(Size, held.ReadAtLeast(read, Size, throwOnEndOfStream: false));
        Assert.Equal(other, read);
        Assert.True(FileStatus.At(download.Target)!.Value.IsOwn);
    }

    [Theory]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.UserWrite)]
    [InlineData(UnixFileMode.UserRead)]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead)]
    [UnsupportedOSPlatform("windows")]
    public async Task A_replaced_file_keeps_its_mode_and_temporary_files_are_private(UnixFileMode mode)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has access control lists instead.");
        await using Download download = await StartAsync();
        download.Folder.Write("blob.raw", [7, 7]);
        File.SetUnixFileMode(download.Target, mode);
        HashSet<UnixFileMode> seen = [];
        using (new FaultInjectingDisk(download.Folder.Path, (_, path) =>
        {
            foreach (string file in Directory.GetFiles(download.Folder.Path).Where(f => f != download.Target))
            {
                seen.Add(File.GetUnixFileMode(file));
            }
        }))
        {
            await download.SavesAsync(Save with { Force = true });
        }

        Assert.Equal(mode, File.GetUnixFileMode(download.Target));
        Assert.All(seen, m => Assert.True(m == (UnixFileMode.UserRead | UnixFileMode.UserWrite) || m == mode, $"{m}"));
    }

    [Fact]
    public async Task A_replaced_file_of_another_user_keeps_its_owner_if_permitted()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.UserName == "root", "Only root can give a file to another user.");
        await using Download download = await StartAsync();
        download.Folder.Write("blob.raw", [7, 7]);
        Run("chown", "65534:65534", download.Target);
        await download.SavesAsync(Save with { Force = true });
        FileStatus status = FileStatus.At(download.Target)!.Value;
        Assert.Equal((65534u, 65534u), (status.Owner, status.Group));
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public async Task A_new_file_has_the_mode_of_any_new_file()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has access control lists instead.");
        await using Download download = await StartAsync();
        await download.SavesAsync(Save);
        Assert.Equal(File.GetUnixFileMode(download.Folder.Write("any", [1])), File.GetUnixFileMode(download.Target));
    }

    [Fact]
    public async Task On_a_file_system_without_locks_a_found_file_is_never_written_to()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows always locks.");
        await using Download download = await StartAsync();
        download.With(new Fault { Kind = FaultKind.Status, Status = 403, Skip = 3, Times = int.MaxValue });
        await download.FailsAsync(SfErrors.AccessForbidden, Save);
        download.Cluster.Faults.Clear();
        using FileStream held = new(Part(download), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        byte[] before = await File.ReadAllBytesAsync(Part(download), Limit.Token);
        using (new FaultInjectingDisk(download.Folder.Path, (operation, _) =>
        {
            if (operation == FileOperation.Lock)
            {
                throw new NotSupportedException();
            }
        }))
        {
            held.Dispose();
            using FileStream other = new(Part(download), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            other.Dispose();
            FileIdentity identity = FileStatus.At(Part(download))!.Value.Identity;
            SfBlobSaveResult transfer = await download.SavesAsync(Save);
            Assert.True(transfer.BytesResumed > 0);
            Assert.NotEqual(identity, FileStatus.At(download.Target)!.Value.Identity);
        }

        Assert.Equal(Size, before.Length);
    }

    [Fact]
    public async Task A_process_whose_journal_was_replaced_stops_and_does_not_change_the_new_journal()
    {
        await using Download download = await StartAsync();
        byte[] content = Download.Random(10_000);
        using PartialDownload first = await Plan.OpenAsync(download.Target, Plan.Of(content));
        first.Bring(content, provisional: false, 0, 1);
        File.Copy(download.Target + TransferJournal.Suffix, download.Folder.At("journal"));
        ReplaceOpenFile(download.Folder.At("journal"), download.Target + TransferJournal.Suffix);
        await SfAssert.ThrowsAsync(SfErrors.TargetBusy, () => first.FlushPeriodicallyAsync(TimeProvider.System, Limit.Token, Limit.Token));
        await SfAssert.ThrowsAsync(SfErrors.TargetBusy, () => first.CommitAsync(replace: true, Limit.Token));
        first.Abandon(0);
        first.Dispose();
        Assert.True(File.Exists(download.Target + TransferJournal.Suffix));
        InterruptedTransfer.Remove(download.Target);
    }

    [Theory]
    [InlineData(216)]
    [InlineData(241)]
    public async Task A_file_with_a_long_name_is_replaced(int length)
    {
        await using Download download = await StartAsync();
        string path = download.Folder.Write(new string('n', length), [7, 7]);
        await download.RunAsync(Save with { Force = true }, path);
        Assert.Equal(download.Content, await File.ReadAllBytesAsync(path, Limit.Token));
        Assert.Equal(path, Assert.Single(Directory.GetFiles(download.Folder.Path)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_random_name_that_a_killed_process_gave_the_file_is_deleted_and_others_are_kept(bool remove)
    {
        await using Download download = await StartAsync();
        download.Folder.Write("blob.raw", [7, 7]);
        using (FaultInjectingDisk.Failing(download.Folder.Path, FileOperation.Rename, string.Empty, 1, FaultInjectingDisk.InputOutput))
        {
            await SfAssert.ThrowsAsync(SfErrors.FileFailed, () => download.RunAsync(Save with { Force = true }));
        }

        // The process was killed after it had linked the file to a random name, and before it renamed that to the target.
        HardLink.Create(Part(download), download.Folder.At($".{Guid.NewGuid():N}{PartialDownload.Suffix}"));
        string named = download.Folder.At(".named" + PartialDownload.Suffix);
        HardLink.Create(Part(download), named);
        string foreign = download.Folder.Write($".{Guid.NewGuid():N}{PartialDownload.Suffix}", [1]);
        if (remove)
        {
            InterruptedTransfer.Remove(download.Target);
            Assert.Equal([download.Target, foreign, named], Directory.GetFiles(download.Folder.Path).Order(StringComparer.Ordinal).OrderByDescending(f => f == download.Target).ThenBy(f => f == named));
        }
        else
        {
            SfBlobSaveResult transfer = await download.RunAsync(Save with { Force = true });
            Assert.Equal(Size, transfer.BytesResumed);
            Assert.Equal(3, Directory.GetFiles(download.Folder.Path).Length);
            Assert.Equal(download.Content, await File.ReadAllBytesAsync(download.Target, Limit.Token));
        }

        Assert.Equal([1], await File.ReadAllBytesAsync(foreign, Limit.Token));
        File.Delete(foreign);
        File.Delete(named);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task If_the_rename_fails_because_of_a_hard_link_to_the_file_that_is_the_reported_cause(bool force)
    {
        await using Download download = await StartAsync();
        using (new FaultInjectingDisk(download.Folder.Path, (operation, _) =>
        {
            if (operation == FileOperation.Rename)
            {
                HardLink.Create(Part(download), download.Folder.At("link"));
                throw FaultInjectingDisk.Error(FaultInjectingDisk.InputOutput);
            }
        }))
        {
            SfException e = await SfAssert.ThrowsAsync(SfErrors.TargetChanged, () => download.RunAsync(Save with { Force = force }));
            Assert.Contains("created a hard link to it", e.Message, StringComparison.Ordinal);
        }

        Assert.False(File.Exists(download.Target));
        Assert.Equal(Size, (await download.RunAsync(Save)).BytesResumed);
        File.Delete(download.Folder.At("link"));
    }

    [Fact]
    public async Task If_another_process_links_the_file_to_the_target_during_the_commit_no_other_name_remains()
    {
        await using Download download = await StartAsync();
        using (new FaultInjectingDisk(download.Folder.Path, (operation, path) =>
        {
            if (operation == FileOperation.Rename)
            {
                HardLink.Create(Part(download), path);
            }
        }))
        {
            await download.RunAsync(Save with { Force = true });
        }

        Assert.Equal(download.Content, await File.ReadAllBytesAsync(download.Target, Limit.Token));
        Assert.Equal(download.Target, Assert.Single(Directory.GetFiles(download.Folder.Path)));
    }

    [Theory]
    [InlineData("x.sfpart")]
    [InlineData("x.sfjournal")]
    [InlineData("x.sfjournal.new")]
    public async Task A_reserved_name_is_rejected_as_target(string name)
    {
        await using Download download = await StartAsync();
        SfException e = await SfAssert.ThrowsAsync(SfErrors.TargetNotFile, () => download.RunAsync(Save, download.Folder.At(name)));
        Assert.Contains("reserved for temporary files", e.Message, StringComparison.Ordinal);
    }

    private static void Interfere(string what, Download download, string bystander)
    {
        string part = Part(download);
        string journal = download.Target + TransferJournal.Suffix;
        switch (what)
        {
            case "delete":
                File.Delete(part);
                break;
            case "delete and create":
                File.Delete(part);
                File.WriteAllBytes(part, new byte[Size]);
                break;
            case "rename over":
                DateTime time = File.GetLastWriteTimeUtc(part);
                File.Copy(bystander, bystander + ".copy");
                File.SetLastWriteTimeUtc(bystander + ".copy", time);
                File.Move(bystander + ".copy", part, overwrite: true);
                break;
            case "rename away":
                File.Move(part, part + ".away");
                break;
            case "link":
                HardLink.Create(part, part + ".link");
                break;
            case "symbolic link":
                File.Delete(part);
                File.CreateSymbolicLink(part, bystander);
                break;
            case "truncate":
                Run("truncate", "--size=0", part);
                break;
            case "truncate and extend":
                Run("truncate", "--size=100", part);
                Run("truncate", $"--size={Size}", part);
                break;
            case "overwrite":
                Run("dd", "if=/dev/urandom", $"of={part}", "bs=16", "count=1", "seek=3", "conv=notrunc", "status=none");
                break;
            case "append":
                Run("truncate", $"--size={Size + 1}", part);
                break;
            case "replace the journal":
                File.Copy(journal, journal + ".copy");
                File.Move(journal + ".copy", journal, overwrite: true);
                break;
            default:
                File.Delete(journal);
                break;
        }
    }

    /// <summary>Moves a file over a file that is open. On Windows, a rename by path cannot replace it.</summary>
    private static void ReplaceOpenFile(string from, string to)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.Move(from, to, overwrite: true);
            return;
        }

        using SafeFileHandle file = WindowsFile.Open(from, FileMode.Open, FileShare.ReadWrite | FileShare.Delete);
        WindowsFile.RenameByHandle(file, to, replace: true);
    }

    private static void Run(string command, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(command, arguments))!;
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }
}
