using ShakenFist.Blobs.Files;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Client.Tests;

/// <summary>Full disks: small disks in memory if the computer permits the test to create them, and injected errors otherwise.</summary>
public sealed class FullDiskTests
{
    private const int Part = 64 * 1024;
    private const int Size = (20 * Part) - 1;

    // The HRESULT of .NET if the space for a new file cannot be reserved.
    private const int NotAllocated = unchecked((int)0x80131620);

    private static readonly SfBlobSaveOptions Whole = new() { Sparse = SfSparsePolicy.Never, Force = true };
    private static readonly SfBlobSaveOptions Sparse = new() { Sparse = SfSparsePolicy.Always, Force = true };

    private static async Task<Download> StartAsync()
    {
        Download download = await Download.StartAsync(Size);
        download.Options = Cluster.Quick with { BlockBytes = Part, RequestBytes = 2 * Part };
        return download;
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task If_the_disk_is_full_at_the_start_nothing_is_fetched_and_the_old_file_is_kept(bool old)
    {
        await using Download download = await StartAsync();
        using SmallDisk? disk = SmallDisk.TryMount(512);
        string target = disk?.At("blob.raw") ?? download.Target;
        if (old)
        {
            await File.WriteAllBytesAsync(target, [7, 7], Limit.Token);
        }

        using FaultInjectingDisk? failing = disk is null ? FaultInjectingDisk.Failing(download.Folder.Path, FileOperation.Open, PartialDownload.Suffix, 1, NotAllocated) : null;
        (await TransferOutcome.OfAsync(download, Whole, target)).Failed(SfErrors.DiskFull);
        Assert.Equal(0, download.Cluster.DataRequests);
        Assert.Equal(old ? [target] : [], Directory.GetFiles(Path.GetDirectoryName(target)!));
    }

    [Fact]
    public async Task Space_that_is_used_between_check_and_allocation_causes_the_same_error()
    {
        await using Download download = await StartAsync();
        using FaultInjectingDisk failing = FaultInjectingDisk.Failing(download.Folder.Path, FileOperation.Open, PartialDownload.Suffix, 1, NotAllocated);
        (await TransferOutcome.OfAsync(download, Whole)).Failed(SfErrors.DiskFull);
        Assert.Equal(0, download.Cluster.DataRequests);
        download.Folder.ContainsNoPartialFile();
    }

    [Fact]
    public async Task Without_space_for_a_line_of_the_journal_nothing_is_started_and_no_file_remains()
    {
        await using Download download = await StartAsync();
        using SmallDisk? disk = SmallDisk.TryMount(512);
        string target = disk?.At("blob.raw") ?? download.Target;
        disk?.Fill(but: 0);
        using FaultInjectingDisk? failing = disk is null ? FaultInjectingDisk.Failing(download.Folder.Path, FileOperation.Write, TransferJournal.Suffix, 1, FaultInjectingDisk.NoSpace) : null;
        (await TransferOutcome.OfAsync(download, Sparse, target)).Failed(SfErrors.DiskFull);
        Assert.Equal(0, download.Cluster.DataRequests);
        Assert.DoesNotContain(Directory.GetFiles(Path.GetDirectoryName(target)!), f => f.StartsWith(target, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task If_the_disk_becomes_full_received_data_is_kept_and_the_same_command_resumes_once_there_is_space(bool old)
    {
        await using Download download = await StartAsync();
        using SmallDisk? disk = SmallDisk.TryMount(4096);
        string target = disk?.At("blob.raw") ?? download.Target;
        if (old)
        {
            await File.WriteAllBytesAsync(target, [7, 7], Limit.Token);
        }

        TransferOutcome after;
        using (disk is null ? FaultInjectingDisk.Failing(download.Folder.Path, FileOperation.Write, PartialDownload.Suffix, 9, FaultInjectingDisk.NoSpace) : FillLater(disk, but: 9 * Part))
        {
            after = (await TransferOutcome.OfAsync(download, Sparse, target)).Failed(SfErrors.DiskFull);
        }

        Assert.Empty(download.Cluster.Log.Warnings);

        // The writes before the disk is full can contain more than one block each, and run in parallel.
        Assert.InRange(after.Kept, Part, Size - 1);
        Assert.Contains($"{ErrorText.Bytes(after.Kept)} are kept", after.Failure!.Message, StringComparison.Ordinal);
        if (disk is not null)
        {
            File.Delete(disk.At("filler"));
        }

        await after.ResumeAsync(download, Sparse, target);
    }

    /// <summary>Fills the disk when the transfer has started.</summary>
    private static FaultInjectingDisk FillLater(SmallDisk disk, long but)
    {
        int writes = 0;
        return new FaultInjectingDisk(disk.Path, (operation, path) =>
        {
            if (operation == FileOperation.Write && path.EndsWith(PartialDownload.Suffix, StringComparison.Ordinal) && Interlocked.Increment(ref writes) == 2)
            {
                disk.Fill(but);
            }
        });
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_blob_that_cannot_fit_leaves_no_file_so_that_the_next_blob_fits(bool sizeIsKnown)
    {
        await using Download download = await StartAsync();
        using SmallDisk? disk = SmallDisk.TryMount(1024);
        string target = disk?.At("blob.raw") ?? download.Target;
        if (!sizeIsKnown)
        {
            Assert.SkipWhen(disk is null, "No file system can be mounted here, and any other one may be large enough.");
            download.Blob.Info.Remove("disk size");
        }
        else if (disk is null)
        {
            download.Blob.Info["disk size"] = "7 EiB";
        }

        using (disk is null ? FaultInjectingDisk.Failing(download.Folder.Path, FileOperation.Write, PartialDownload.Suffix, 9, FaultInjectingDisk.NoSpace) : null)
        {
            TransferOutcome after = (await TransferOutcome.OfAsync(download, Sparse, target)).Failed(SfErrors.DiskFull);
            Assert.Equal(0, after.Kept);
            Assert.Matches("^'.+/blob.raw' needs up to another [0-9.]+ [KM]iB, (but only|and) [0-9.]+ .?.?B are free.*[.] [0-9.]+ .?iB of 1.25 MiB were received[.] It was deleted, because the blob does not fit on the disk[.]$", after.Failure!.Message.Replace('\\', '/'));
        }

        Assert.Empty(Directory.GetFiles(Path.GetDirectoryName(target)!));
        if (sizeIsKnown)
        {
            Assert.Matches($"^Blob {download.Blob.Uuid} uses {(disk is null ? "7.00 EiB" : "1.25 MiB")} in the cluster, but only [0-9.]+ [KMGT]iB are free for '", Assert.Single(download.Cluster.Log.Warnings));
        }

        await using Download other = await Download.StartAsync(12 * Part);
        Assert.Equal(SfBlobSaveStatus.Saved, (await TransferOutcome.OfAsync(other, Sparse, target)).Transfer?.Status);
    }

    [Theory]
    [InlineData(SfSparsePolicy.Never)]
    [InlineData(SfSparsePolicy.Always)]
    public async Task Without_the_minimum_free_space_nothing_is_started(SfSparsePolicy sparse)
    {
        await using Download download = await StartAsync();
        SfBlobSaveOptions options = Whole with { Sparse = sparse, MinimumFreeSpace = 1L << 61 };
        string message = (await TransferOutcome.OfAsync(download, options)).Failed(SfErrors.DiskFull).Failure!.Message;
        Assert.Contains("-MinimumFreeSpace is 2.00 EiB. No data was fetched.", message, StringComparison.Ordinal);
        Assert.Equal(0, download.Cluster.DataRequests);
        Assert.Empty(Directory.GetFiles(download.Folder.Path));
    }

    [Theory]
    [InlineData(SfSparsePolicy.Never)]
    [InlineData(SfSparsePolicy.Always)]
    public async Task A_transfer_ends_before_less_than_the_minimum_is_free_and_can_be_resumed(SfSparsePolicy sparse)
    {
        const int Minimum = 1024 * 1024;
        await using Download download = await StartAsync();
        using SmallDisk? disk = SmallDisk.TryMount(4096);
        Assert.SkipWhen(disk is null, "No file system can be mounted here.");
        string target = disk.At("blob.raw");
        SfBlobSaveOptions options = new() { Sparse = sparse, MinimumFreeSpace = Minimum, Limits = new SfTransferLimits(1) };
        TransferOutcome after;
        using (FillLater(disk, Minimum + (9 * Part)))
        {
            after = (await TransferOutcome.OfAsync(download, options, target)).Failed(SfErrors.DiskFull);
        }

        Assert.Contains("-MinimumFreeSpace is 1.00 MiB. ", after.Failure!.Message, StringComparison.Ordinal);
        Assert.InRange(after.Kept, Part, 12 * Part);
        Assert.InRange(new DriveInfo(disk.Path).AvailableFreeSpace, Minimum, Minimum + (4 * Part));
        File.Delete(disk.At("filler"));
        await after.ResumeAsync(download, options, target);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_blob_that_is_longer_than_any_file_is_reported_with_its_size(bool injected)
    {
        await using Download download = await StartAsync();
        Assert.SkipUnless(injected || (OperatingSystem.IsLinux() && new DriveInfo(download.Folder.Path).DriveFormat == "ext4"), "Only the maximum length of ext4 is known.");
        download.Blob.Size = 1L << 44;
        using (injected ? FaultInjectingDisk.Failing(download.Folder.Path, FileOperation.Write, PartialDownload.Suffix, 1, FaultInjectingDisk.TooLarge) : null)
        {
            SfException e = (await TransferOutcome.OfAsync(download, Sparse)).Failed(SfErrors.FileFailed).Failure!;
            Assert.Equal($"'{download.Target}' needs 16.0 TiB, which is more than its file system permits for a file. No data was fetched.", e.Message);
        }

        SfException full = (await TransferOutcome.OfAsync(download, Whole)).Failed(SfErrors.DiskFull).Failure!;
        Assert.StartsWith($"'{download.Target}' needs 16.0 TiB, but only ", full.Message, StringComparison.Ordinal);
        Assert.Equal(0, download.Cluster.DataRequests);
        Assert.Empty(Directory.GetFiles(download.Folder.Path));
    }

    [Fact]
    public async Task A_read_only_file_system_is_reported()
    {
        await using Download download = await StartAsync();
        using SmallDisk? disk = SmallDisk.TryMount(4096);
        disk?.MakeReadOnly();
        using FaultInjectingDisk? failing = disk is null ? FaultInjectingDisk.Failing(download.Folder.Path, FileOperation.Open, PartialDownload.Suffix, 1, FaultInjectingDisk.ReadOnly) : null;
        (await TransferOutcome.OfAsync(download, Whole, disk?.At("blob.raw"))).Failed(SfErrors.FileAccessDenied);
        Assert.Equal(0, download.Cluster.DataRequests);
    }
}
