using Microsoft.Win32.SafeHandles;
using ShakenFist.Blobs.Files;

namespace ShakenFist.Blobs.Client.Tests.Files;

public sealed class FlushTests
{
    [Fact]
    public void A_failed_flush_is_reported()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The descriptor is one of Unix.");

        // No file has this descriptor. RandomAccess.FlushToDisk of some versions of .NET ignores that.
        using SafeFileHandle file = new(1_000_000, ownsHandle: false);
        Assert.ThrowsAny<IOException>(() => FilePlacement.FlushData(file));
    }

    [Fact]
    public void A_file_is_flushed()
    {
        string path = Path.GetTempFileName();
        using SafeFileHandle file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, options: FileOptions.DeleteOnClose);
        RandomAccess.Write(file, "data"u8, 0);
        FilePlacement.FlushData(file);
    }
}
