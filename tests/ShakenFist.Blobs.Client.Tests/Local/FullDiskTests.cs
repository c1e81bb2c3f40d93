using ShakenFist.Blobs.Files;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Client.Tests;

/// <summary>Disks without room: small ones in memory where the machine lets the test have them, else by the system's answer at the same step.</summary>
public sealed class FullDiskTests
{
    private const int Part = 64 * 1024;
    private const int Size = (20 * Part) - 1;

    // What .NET says when a new file cannot have its room at once.
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
    public async Task Full_at_the_start_nothing_is_fetched_and_an_old_file_stays(bool old)
    {
        await using Download download = await StartAsync();
        using SmallDisk? disk = SmallDisk.TryMount(512);
        string target = disk?.At("blob.raw") ?? download.Target;
        if (old)
        {
            await File.WriteAllBytesAsync(target, [7, 7], Limit.Token);
        }

        using FaultInjectingDisk? told = disk is null ? FaultInjectingDisk.Failing(download.Folder.Path, FileOperation.Open, PartialDownload.Suffix, 1, NotAllocated) : null;
        (await Aftermath.OfAsync(download, Whole, target)).Failed(SfErrors.DiskFull);
        Assert.Equal(0, download.Cluster.DataRequests);
        Assert.Equal(old ? [target] : [], Directory.GetFiles(Path.GetDirectoryName(target)!));
    }

    [Fact]
    public async Task Room_that_goes_between_the_look_and_the_taking_is_a_full_disk_too()
    {
        await using Download download = await StartAsync();
        using FaultInjectingDisk told = FaultInjectingDisk.Failing(download.Folder.Path, FileOperation.Open, PartialDownload.Suffix, 1, NotAllocated);
        (await Aftermath.OfAsync(download, Whole)).Failed(SfErrors.DiskFull);
        Assert.Equal(0, download.Cluster.DataRequests);
        download.Folder.HoldsNoPartialFile();
    }

    [Fact]
    public async Task Without_room_for_a_line_of_the_journal_nothing_is_begun_and_nothing_left()
    {
        await using Download download = await StartAsync();
        using SmallDisk? disk = SmallDisk.TryMount(512);
        string target = disk?.At("blob.raw") ?? download.Target;
        disk?.Fill(but: 0);
        using FaultInjectingDisk? told = disk is null ? FaultInjectingDisk.Failing(download.Folder.Path, FileOperation.Write, TransferJournal.Suffix, 1, FaultInjectingDisk.NoSpace) : null;
        (await Aftermath.OfAsync(download, Sparse, target)).Failed(SfErrors.DiskFull);
        Assert.Equal(0, download.Cluster.DataRequests);
        Assert.DoesNotContain(Directory.GetFiles(Path.GetDirectoryName(target)!), f => f.StartsWith(target, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Full_in_the_middle_what_came_is_kept_and_with_room_made_the_same_command_goes_on(bool old)
    {
        await using Download download = await StartAsync();
        using SmallDisk? disk = SmallDisk.TryMount(4096);
        string target = disk?.At("blob.raw") ?? download.Target;
        if (old)
        {
            await File.WriteAllBytesAsync(target, [7, 7], Limit.Token);
        }

        disk?.Fill(but: 9 * Part);
        Aftermath after;
        using (disk is null ? FaultInjectingDisk.Failing(download.Folder.Path, FileOperation.Write, PartialDownload.Suffix, 9, FaultInjectingDisk.NoSpace) : null)
        {
            after = (await Aftermath.OfAsync(download, Sparse, target)).Failed(SfErrors.DiskFull);
        }

        Assert.InRange(after.Kept, Part, 9 * Part);
        Assert.Contains($"{ErrorText.Bytes(after.Kept)} are kept", after.Failure!.Message, StringComparison.Ordinal);
        if (disk is not null)
        {
            File.Delete(disk.At("filler"));
        }

        await after.GoesOnAsync(download, Sparse, target);
    }

    [Fact]
    public async Task A_file_system_that_is_read_only_is_told()
    {
        await using Download download = await StartAsync();
        using SmallDisk? disk = SmallDisk.TryMount(4096);
        disk?.MakeReadOnly();
        using FaultInjectingDisk? told = disk is null ? FaultInjectingDisk.Failing(download.Folder.Path, FileOperation.Open, PartialDownload.Suffix, 1, FaultInjectingDisk.ReadOnly) : null;
        (await Aftermath.OfAsync(download, Whole, disk?.At("blob.raw"))).Failed(SfErrors.FileAccessDenied);
        Assert.Equal(0, download.Cluster.DataRequests);
    }
}
