using ShakenFist.Blobs.Files;

namespace ShakenFist.Blobs.Client.Tests.Files;

public sealed class FreeSpaceTests
{
    [Fact]
    public void Free_space_of_a_directory_is_reported()
    {
        using TempFolder folder = new();
        Assert.InRange(FreeSpace.Of(folder.Path) ?? -1, 1, long.MaxValue);
    }

    [Fact]
    public void Free_space_of_a_directory_that_does_not_exist_is_unknown()
    {
        using TempFolder folder = new();
        Assert.Null(FreeSpace.Of(folder.At("missing")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a\0b")]
    public void Free_space_of_an_invalid_path_is_unknown(string path) => Assert.Null(FreeSpace.Of(path));

    [WindowsFact]
    public void A_separator_at_the_end_of_the_directory_changes_nothing()
    {
        using TempFolder folder = new();
        Assert.NotNull(FreeSpace.Of(folder.Path + @"\"));
        Assert.NotNull(FreeSpace.Of(Path.GetPathRoot(folder.Path)!));
    }
}
