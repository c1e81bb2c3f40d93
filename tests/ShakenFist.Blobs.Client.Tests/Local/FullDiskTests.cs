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

        disk?.Fill(but: 9 * Part);
        TransferOutcome after;
        using (disk is null ? FaultInjectingDisk.Failing(download.Folder.Path, FileOperation.Write, PartialDownload.Suffix, 9, FaultInjectingDisk.NoSpace) : null)
        {
            after = (await TransferOutcome.OfAsync(download, Sparse, target)).Failed(SfErrors.DiskFull);
        }

        // The writes before the injected failure can contain more than one block each.
        Assert.InRange(after.Kept, Part, disk is null ? Size - 1 : 9 * Part);
        Assert.Contains($"{ErrorText.Bytes(after.Kept)} are kept", after.Failure!.Message, StringComparison.Ordinal);
        if (disk is not null)
        {
            File.Delete(disk.At("filler"));
        }

        await after.ResumeAsync(download, Sparse, target);
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
