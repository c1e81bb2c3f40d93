using System.Diagnostics;
using System.Runtime.Versioning;
using ShakenFist.Blobs.Files;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Client.Tests;

/// <summary>Tests the owner of a download: what it resumes, what it keeps, and when it commits the file.</summary>
public sealed class PartialDownloadTests : IDisposable
{
    private const int Size = 3500;

    private readonly TempFolder _folder = new();
    private readonly byte[] _content = Download.Random(Size);

    private string Path => _folder.Target + PartialDownload.Suffix;

    public void Dispose() => _folder.Dispose();

    private Task<PartialDownload> OpenAsync(bool published = true, bool sparse = false, bool force = false, Guid? uuid = null, ISfLog? log = null) =>
        Plan.OpenAsync(_folder.Target, Plan.Of(_content, published: published, sparse: sparse, force: force, uuid: uuid), log);

    private Task LeaveAsync(bool provisional, params int[] blocks) => Plan.LeaveAsync(_folder.Target, Plan.Of(_content), _content, provisional, blocks);

    private static async Task<long> CheckAsync(PartialDownload download) => await download.CheckAsync(_ => { }, NullLog.Instance, Limit.Token);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_new_file_has_the_length_of_the_blob_and_is_deleted_if_nothing_was_received(bool sparse)
    {
        using (PartialDownload download = await OpenAsync(sparse: sparse))
        {
            Assert.Equal(Size, new FileInfo(Path).Length);
            Assert.Equal((0L, Size, false), (download.BytesComplete, download.BytesOpen, download.IsCommitted));
            Assert.Contains("No data was kept", download.Abandon(0), StringComparison.Ordinal);
        }

        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public async Task A_file_whose_length_cannot_be_set_is_deleted()
    {
        using (FaultInjectingDisk.Failing(_folder.Path, FileOperation.Write, PartialDownload.Suffix, 1, FaultInjectingDisk.TooLarge))
        {
            await SfAssert.ThrowsAsync(SfErrors.FileFailed, () => OpenAsync(sparse: true));
        }

        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public async Task If_the_journal_cannot_be_written_no_file_remains()
    {
        using (FaultInjectingDisk.Failing(_folder.Path, FileOperation.Write, TransferJournal.Suffix, 1, FaultInjectingDisk.NoSpace))
        {
            await SfAssert.ThrowsAsync(SfErrors.DiskFull, () => OpenAsync());
        }

        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public async Task Complete_blocks_are_resumed_and_those_that_were_changed_are_fetched_again()
    {
        await LeaveAsync(false, 0, 1, 3);
        using (FileStream file = File.OpenWrite(Path))
        {
            file.Position = 1500;
            file.WriteByte((byte)~_content[1500]);
        }

        using PartialDownload download = await OpenAsync();
        Assert.Equal(1500, await CheckAsync(download));
        Assert.Equal(2000, download.BytesOpen);
        Assert.Equal(1000, download.FirstGap());
    }

    [Fact]
    public async Task A_download_is_committed_only_if_it_is_complete_and_verified()
    {
        using PartialDownload download = await OpenAsync();
        download.Bring(_content, provisional: true, 0, 1, 3);
        SfException hole = await SfAssert.ThrowsAsync(SfErrors.TransferInterrupted, () => download.CommitAsync(replace: true, Limit.Token));
        Assert.StartsWith("1000 bytes", hole.Message, StringComparison.Ordinal);
        download.Bring(_content, provisional: true, 2);
        SfException unverified = await SfAssert.ThrowsAsync(SfErrors.TransferInterrupted, () => download.CommitAsync(replace: true, Limit.Token));
        Assert.Contains("was not verified", unverified.Message, StringComparison.Ordinal);
        Assert.True((await download.VerifyAsync(Limit.Token))!.Value.Matches);
        await download.CommitAsync(replace: false, Limit.Token);
        Assert.True(download.IsCommitted);
        Assert.Equal(_content, await File.ReadAllBytesAsync(_folder.Target, Limit.Token));

        // On Windows, FAT volumes and most shares keep the name of the journal until it is closed.
        download.Dispose();
        Assert.Equal(_folder.Target, Assert.Single(Directory.GetFiles(_folder.Path)));
    }

    [Fact]
    public async Task A_block_that_was_read_back_from_a_truncated_file_is_not_complete()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "On Windows, other processes cannot truncate the file.");
        using PartialDownload download = await OpenAsync(published: false);
        using BlockHasher hasher = new(null);
        download.BeginRound();
        WorkRange range = download.TakeRange(1000, hasher, null)!;
        range.Write(_content.AsSpan(0, 400), 0);
        range.Write(_content.AsSpan(400, 600), 400);
        Resize(200);

        // Like a write of another worker that had already checked the length.
        Resize(3000);
        SfException e = Assert.Throws<SfException>(() => range.Validated(1000, confirmed: true));
        Assert.Equal(SfErrors.TargetChanged, e.Error);
        Assert.Equal(0, download.BytesComplete);

        void Resize(int length)
        {
            using Process process = Process.Start("truncate", ["-s", $"{length}", Path]);
            process.WaitForExit();
        }
    }

    [Fact]
    public async Task A_write_after_the_verification_invalidates_its_result()
    {
        using PartialDownload download = await OpenAsync();
        download.Bring(_content, provisional: false, 0, 1, 2, 3);
        Assert.True((await download.VerifyAsync(Limit.Token))!.Value.Matches);
        download.Write([1], 7, unwritten: false);
        await SfAssert.ThrowsAsync(SfErrors.TransferInterrupted, () => download.CommitAsync(replace: true, Limit.Token));
        Assert.False((await download.VerifyAsync(Limit.Token))!.Value.Matches);
        Assert.False(File.Exists(_folder.Target));
    }

    [Fact]
    public async Task Without_a_hash_a_provisional_block_is_never_committed()
    {
        using PartialDownload download = await OpenAsync(published: false);
        download.Bring(_content, provisional: false, 0, 1, 2);
        download.Bring(_content, provisional: true, 3);
        Assert.Null(await download.VerifyAsync(Limit.Token));
        await SfAssert.ThrowsAsync(SfErrors.TransferInterrupted, () => download.CommitAsync(replace: true, Limit.Token));
        download.ConfirmBlocks(3, 3);
        await download.CommitAsync(replace: true, Limit.Token);
        Assert.Equal(_content, await File.ReadAllBytesAsync(_folder.Target, Limit.Token));
    }

    [Theory]
    [InlineData(true, 3500)]
    [InlineData(false, 2000)]
    public async Task Provisional_blocks_are_resumed_only_by_a_run_that_verifies_the_blob(bool published, long usable)
    {
        using (PartialDownload download = await OpenAsync())
        {
            download.Bring(_content, provisional: false, 0);
            download.Bring(_content, provisional: true, 1, 2, 3);
            download.ConfirmBlocks(2, 2);
            download.Abandon(0);
        }

        DownloadPlan plan = Plan.Of(_content) with { ChooseHash = hashes => published ? PublishedHash.Best(hashes) : null };
        using PartialDownload next = await Plan.OpenAsync(_folder.Target, plan);
        Assert.Equal(usable, await CheckAsync(next));
    }

    [Fact]
    public async Task A_mismatch_makes_every_block_provisional_for_later_runs()
    {
        using (PartialDownload download = await OpenAsync())
        {
            download.Bring(Download.Random(Size + 1)[..Size], provisional: false, 0, 1, 2, 3);
            Assert.False((await download.VerifyAsync(Limit.Token))!.Value.Matches);
            download.Abandon(0);
        }

        Assert.All(TransferJournal.Read(_folder.Target)!.Blocks.Values, block => Assert.True(block.IsProvisional));
        using PartialDownload next = await Plan.OpenAsync(_folder.Target, Plan.Of(_content) with { ChooseHash = _ => null });
        Assert.Equal(0, await CheckAsync(next));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_file_that_did_not_match_the_hash_is_never_resumed(bool published)
    {
        using (PartialDownload download = await OpenAsync())
        {
            download.Bring(_content, provisional: false, 0, 1, 2, 3);
            download.RecordMismatch();
            Assert.Contains("kept in", download.Abandon(0), StringComparison.Ordinal);
            await SfAssert.ThrowsAsync(SfErrors.TransferInterrupted, () => download.CommitAsync(replace: true, Limit.Token));
        }

        Assert.Equal(SfBlobTransferState.HashMismatch, BlobTransferApi.Get(_folder.Target)!.State);
        RecordingLog log = new();
        using PartialDownload next = await OpenAsync(published, log: log);
        Assert.Equal(0, await CheckAsync(next));
        Assert.Contains(log.Warnings, line => line.Contains("did not match the published hash", StringComparison.Ordinal));

        // The hash that was published first is used, even if another one is published now.
        Assert.Equal(SfHashAlgorithm.SHA512, next.Hash?.Algorithm);
        next.Abandon(0);
    }

    [Fact]
    public async Task A_hash_that_was_published_once_is_still_used_later()
    {
        await LeaveAsync(false, 0);
        using PartialDownload download = await OpenAsync(published: false);
        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA512.HashData(_content)), download.Hash?.Hex);
    }

    [Fact]
    public async Task Files_of_another_blob_are_kept_unless_they_can_be_discarded()
    {
        await LeaveAsync(false, 0);
        await SfAssert.ThrowsAsync(SfErrors.TransferConflict, () => OpenAsync(uuid: Guid.NewGuid()));
        Assert.Equal(Plan.Uuid, TransferJournal.Read(_folder.Target)!.Header!.Blob);
        using PartialDownload download = await OpenAsync(uuid: Guid.NewGuid(), force: true);
        Assert.Equal(0, await CheckAsync(download));
        download.Abandon(0);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Data_that_the_disk_did_not_accept_is_neither_completed_nor_committed_nor_kept(bool journalFails)
    {
        using (PartialDownload download = await OpenAsync())
        {
            using CancellationTokenSource over = new();
            download.Bring(_content, provisional: false, 0);
            int flushes = 0;
            using (new FaultInjectingDisk(_folder.Path, (operation, path) =>
            {
                if (operation == FileOperation.Flush && path.EndsWith(PartialDownload.Suffix, StringComparison.Ordinal) && ++flushes > 1)
                {
                    throw FaultInjectingDisk.Error(FaultInjectingDisk.InputOutput);
                }
                else if (operation == FileOperation.Flush && path.EndsWith(TransferJournal.Suffix, StringComparison.Ordinal))
                {
                    download.Bring(_content, provisional: false, 1, 2, 3);
                }
            }))
            {
                await SfAssert.ThrowsAsync(SfErrors.FileFailed, () => download.FlushPeriodicallyAsync(TimeProvider.System, over.Token, Limit.Token));
            }

            // The disk reports the failure once, and then accepts all writes.
            Assert.Equal(SfErrors.FileFailed, Assert.Throws<SfException>(() => download.CompleteBlock(1, 1, provisional: false)).Error);
            await SfAssert.ThrowsAsync(SfErrors.FileFailed, () => download.CommitAsync(replace: true, Limit.Token));
            using (journalFails ? FaultInjectingDisk.Failing(_folder.Path, FileOperation.Write, TransferJournal.Suffix, 1, FaultInjectingDisk.InputOutput) : null)
            {
                Assert.Contains(journalFails ? "No data was kept" : "0.98 KiB are kept", download.Abandon(Size), StringComparison.Ordinal);
            }
        }

        Assert.False(File.Exists(_folder.Target));
        Assert.Equal(journalFails ? null : [0], TransferJournal.Read(_folder.Target)?.Blocks.Keys.Order().ToArray());
    }

    [Theory]
    [InlineData("invalidate")]
    [InlineData("dispute")]
    [InlineData("reject")]
    public async Task Data_is_not_kept_if_the_journal_still_lists_a_block_that_must_not_be_used(string change)
    {
        using (PartialDownload download = await OpenAsync(published: false))
        {
            download.Bring(_content, provisional: false, 0, 1, 2, 3);
            using (FaultInjectingDisk.Failing(_folder.Path, FileOperation.Write, TransferJournal.Suffix, 1, FaultInjectingDisk.NoSpace))
            {
                Action revoke = change switch
                {
                    "invalidate" => () => download.InvalidateBlock(1, taken: false),
                    "dispute" => () => download.Dispute(1),
                    _ => download.RejectSecondDownload,
                };
                Assert.ThrowsAny<Exception>(revoke);
            }

            // A later change that succeeds does not repair the earlier one.
            download.InvalidateBlock(2, taken: false);
            Assert.Contains("No data was kept", download.Abandon(Size), StringComparison.Ordinal);
        }

        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public async Task A_flush_of_the_journal_that_fails_ends_the_transfer_too()
    {
        using PartialDownload download = await OpenAsync();
        download.Bring(_content, provisional: false, 0);
        using (FaultInjectingDisk.Failing(_folder.Path, FileOperation.Flush, TransferJournal.Suffix, 1, FaultInjectingDisk.InputOutput))
        {
            await SfAssert.ThrowsAsync(SfErrors.FileFailed, () => download.FlushPeriodicallyAsync(TimeProvider.System, Limit.Token, Limit.Token));
        }

        Assert.Equal(SfErrors.FileFailed, Assert.Throws<SfException>(() => download.CompleteBlock(1, 1, provisional: false)).Error);
    }

    [Fact]
    public async Task The_directory_is_flushed_after_the_rename_and_a_failure_of_that_is_reported()
    {
        List<string> operations = [];
        using PartialDownload download = await OpenAsync();
        download.Bring(_content, provisional: false, 0, 1, 2, 3);
        await download.VerifyAsync(Limit.Token);
        using (new FaultInjectingDisk(_folder.Path, (operation, path) =>
        {
            operations.Add($"{operation} {System.IO.Path.GetFileName(path)}");
            if (operation == FileOperation.Flush && path.EndsWith(System.IO.Path.DirectorySeparatorChar))
            {
                throw FaultInjectingDisk.Error(FaultInjectingDisk.InputOutput);
            }
        }))
        {
            SfException e = await SfAssert.ThrowsAsync(SfErrors.FileFailed, () => download.CommitAsync(replace: false, Limit.Token));
            Assert.Contains("was saved, but its directory could not be written", e.Message, StringComparison.Ordinal);
        }

        download.Dispose();
        Assert.Equal(["Flush blob.raw.sfpart", "Rename blob.raw", "Delete blob.raw.sfjournal", "Flush "], operations.Where(operation => !operation.StartsWith("Read", StringComparison.Ordinal)));
        Assert.Equal(_content, await File.ReadAllBytesAsync(_folder.Target, Limit.Token));
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public async Task After_a_commit_that_failed_the_temporary_file_is_private_again()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such permissions.");
        const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        File.WriteAllText(_folder.Target, "old");
        File.SetUnixFileMode(_folder.Target, Private | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite);
        using PartialDownload download = await OpenAsync(force: true);
        download.Bring(_content, provisional: false, 0, 1, 2, 3);
        await download.VerifyAsync(Limit.Token);
        UnixFileMode during = Private;
        using (new FaultInjectingDisk(_folder.Path, (operation, _) =>
        {
            if (operation == FileOperation.Rename)
            {
                during = File.GetUnixFileMode(Path);
                throw FaultInjectingDisk.Error(FaultInjectingDisk.NoSpace);
            }
        }))
        {
            await SfAssert.ThrowsAsync(SfErrors.DiskFull, () => download.CommitAsync(replace: true, Limit.Token));
        }

        Assert.NotEqual(Private, during);
        Assert.Equal(Private, File.GetUnixFileMode(Path));
        Assert.Equal("old", File.ReadAllText(_folder.Target));
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public async Task A_temporary_file_that_others_could_open_is_copied_and_not_written_to()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such permissions.");
        await LeaveAsync(false, 0, 1);
        File.SetUnixFileMode(Path, File.GetUnixFileMode(Path) | UnixFileMode.OtherRead | UnixFileMode.OtherWrite);

        // Another user can have it open.
        FileIdentity shared = FileStatus.At(Path)!.Value.Identity;
        using PartialDownload download = await OpenAsync();
        Assert.Equal(2000, await CheckAsync(download));
        Assert.NotEqual(shared, FileStatus.At(Path)!.Value.Identity);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path));
    }

    [Fact]
    public async Task Opening_waits_for_another_transfer_that_is_about_to_end()
    {
        PartialDownload first = await OpenAsync();
        Task<PartialDownload> second = OpenAsync();
        Assert.False(second.IsCompleted);
        first.Abandon(0);
        first.Dispose();
        using PartialDownload download = await second;
        Assert.Equal(Size, download.BytesOpen);
    }

    [Fact]
    public async Task Only_one_transfer_at_a_time_can_open_the_file()
    {
        using PartialDownload download = await OpenAsync();
        await SfAssert.ThrowsAsync(SfErrors.TargetBusy, () => OpenAsync());
        Assert.Equal(SfErrors.TargetBusy, Assert.Throws<SfException>(() => InterruptedTransfer.Remove(_folder.Target)).Error);
        Assert.True(File.Exists(Path));
    }

    [Fact]
    public async Task A_target_that_appears_before_the_commit_is_replaced_only_if_permitted()
    {
        using PartialDownload download = await OpenAsync();
        download.Bring(_content, provisional: false, 0, 1, 2, 3);
        await download.VerifyAsync(Limit.Token);
        _folder.Write("blob.raw", [6, 6]);
        await SfAssert.ThrowsAsync(SfErrors.TargetExists, () => download.CommitAsync(replace: false, Limit.Token));
        Assert.Equal([6, 6], await File.ReadAllBytesAsync(_folder.Target, Limit.Token));
        await download.CommitAsync(replace: true, Limit.Token);
        Assert.Equal(_content, await File.ReadAllBytesAsync(_folder.Target, Limit.Token));
    }

    [Fact]
    public async Task A_disk_that_cannot_be_read_is_reported_with_the_path()
    {
        using PartialDownload download = await OpenAsync();
        download.Bring(_content, provisional: false, 0);
        byte[] read = new byte[3];
        Assert.Equal(3, download.Read(read, 0));
        Assert.Equal(_content[..3], read);
        using (FaultInjectingDisk.Failing(_folder.Path, FileOperation.Read, PartialDownload.Suffix, 1, FaultInjectingDisk.InputOutput))
        {
            Assert.Contains(Path, SfAssert.Throws(SfErrors.FileFailed, () => download.Read(read, 0)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_process_that_ends_just_after_the_commit_does_not_affect_the_next_transfer()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows renames in one step.");
        await LeaveAsync(false, 0, 1, 2, 3);
        HardLink.Create(Path, _folder.Target);
        using PartialDownload download = await OpenAsync();
        Assert.Equal(0, await CheckAsync(download));
        download.Abandon(0);
        Assert.Equal(_content, await File.ReadAllBytesAsync(_folder.Target, Limit.Token));
    }
}
