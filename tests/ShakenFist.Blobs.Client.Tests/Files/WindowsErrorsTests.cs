using System.Runtime.Versioning;
using ShakenFist.Blobs.Files;

namespace ShakenFist.Blobs.Client.Tests.Files;

public sealed class WindowsErrorsTests
{
    [Theory]
    [InlineData(2, typeof(FileNotFoundException))]
    [InlineData(3, typeof(DirectoryNotFoundException))]
    [InlineData(5, typeof(UnauthorizedAccessException))]
    [InlineData(206, typeof(PathTooLongException))]
    [InlineData(87, typeof(IOException))]
    public void An_error_code_becomes_the_exception_that_dotnet_throws_for_it(int code, Type expected)
    {
        Exception exception = WindowsErrors.ToException(code, @"C:\x.raw");
        Assert.IsType(expected, exception);
        Assert.Contains(@"'C:\x.raw'", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(32, WindowsErrors.SharingViolation)]
    [InlineData(33, WindowsErrors.LockViolation)]
    [InlineData(39, WindowsErrors.HandleDiskFull)]
    [InlineData(80, WindowsErrors.FileExists)]
    [InlineData(112, WindowsErrors.DiskFull)]
    [InlineData(183, WindowsErrors.AlreadyExists)]
    [InlineData(1224, WindowsErrors.UserMappedFile)]
    [InlineData(1295, WindowsErrors.DiskQuotaExceeded)]
    public void The_HRESULT_contains_the_error_code(int code, int expected) => Assert.Equal(expected, WindowsErrors.ToException(code, "x").HResult);

    [WindowsFact]
    [SupportedOSPlatform("windows")]
    public void Writing_to_a_locked_range_is_a_lock_violation()
    {
        using TempFolder folder = new();
        string path = folder.Write("x.raw", new byte[100]);
        using FileStream first = new(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        using FileStream second = new(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        first.Lock(0, 100);
        IOException exception = Assert.Throws<IOException>(() => RandomAccess.Write(second.SafeFileHandle, new byte[10], 0));
        Assert.Equal(WindowsErrors.LockViolation, exception.HResult);
    }
}
