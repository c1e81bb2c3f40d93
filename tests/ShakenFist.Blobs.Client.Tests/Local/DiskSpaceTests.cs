using ShakenFist.Blobs.Files;

namespace ShakenFist.Blobs.Client.Tests;

public sealed class DiskSpaceTests
{
    private const string Memory = "/dev/shm";

    [Fact]
    public void A_full_disk_is_reported_before_a_data_request()
    {
        using TempFolder folder = new();
        SfException e = SfAssert.Throws(SfErrors.DiskFull, () => DiskSpace.Check(folder.Target, long.MaxValue));
        Assert.Contains("No data was fetched", e.Message, StringComparison.Ordinal);
        Assert.Contains("needs 8.00 EiB, but only ", e.Message, StringComparison.Ordinal);
        DiskSpace.Check(folder.Target, 1);
    }

    [Fact]
    public void Space_that_must_remain_free_is_not_used()
    {
        using TempFolder folder = new();
        SfException e = SfAssert.Throws(SfErrors.DiskFull, () => DiskSpace.Check(folder.Target, 1, 1L << 60));
        Assert.EndsWith(" are free on the disk. -MinimumFreeSpace is 1.00 EiB. No data was fetched.", e.Message, StringComparison.Ordinal);
        Assert.False(DiskSpace.HasFree(folder.Target, 0, long.MaxValue));
        Assert.True(DiskSpace.HasFree(folder.Target, 1, 1));
    }

    [Fact]
    public void If_there_is_enough_space_another_limit_is_reported()
    {
        using TempFolder folder = new();
        string message = DiskSpace.Full(folder.Target, 1, 0, "another ").Message;
        Assert.StartsWith($"'{folder.Target}' needs another 1 B, and ", message, StringComparison.Ordinal);
        Assert.EndsWith(" are free, but a disk quota or a limit of the file system is exceeded.", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_system_in_memory_is_detected()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Directory.Exists(Memory), "There is no file system in memory here whose place is known.");
        Assert.True(DiskSpace.IsMemory(Memory + "/blob"));
    }

    [Fact]
    public void If_the_free_space_is_unknown_no_space_error_is_reported()
    {
        string nowhere = Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString(), "blob");
        Assert.False(DiskSpace.IsMemory(nowhere));
        DiskSpace.Check(nowhere, long.MaxValue);
        Assert.Null(DiskSpace.TotalOf(nowhere));
    }
}
