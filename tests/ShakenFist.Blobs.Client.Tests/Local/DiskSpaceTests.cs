using ShakenFist.Blobs.Files;

namespace ShakenFist.Blobs.Client.Tests;

public sealed class DiskSpaceTests
{
    private const string Memory = "/dev/shm";

    [Fact]
    public void A_disk_that_has_no_room_is_told_before_anything_is_fetched()
    {
        using TempFolder folder = new();
        SfException e = Expect.Error(SfErrors.DiskFull, () => DiskSpace.Check(folder.Target, long.MaxValue));
        Assert.Contains("No data was fetched", e.Message, StringComparison.Ordinal);
        DiskSpace.Check(folder.Target, 1);
    }

    [Fact]
    public void Memory_is_known_as_such()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Directory.Exists(Memory), "There is no file system in memory here whose place is known.");
        Assert.True(DiskSpace.IsMemory(Memory + "/blob"));
    }

    [Fact]
    public void Of_a_disk_that_tells_nothing_nothing_is_presumed()
    {
        string nowhere = Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString(), "blob");
        Assert.False(DiskSpace.IsMemory(nowhere));
        DiskSpace.Check(nowhere, long.MaxValue);
    }
}
