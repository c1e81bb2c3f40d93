namespace ShakenFist.Blobs.Tests;

public class T
{
    [Fact]
    public void Path_exists() => Assert.True(File.Exists("/etc/passwd"));
}
