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
        DiskSpace.Check(folder.Target, 1);
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
    }
}
