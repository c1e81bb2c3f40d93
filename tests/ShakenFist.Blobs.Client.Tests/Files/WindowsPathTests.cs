using ShakenFist.Blobs.Files;

namespace ShakenFist.Blobs.Client.Tests.Files;

public sealed class WindowsPathTests
{
    private static readonly string Long = new('x', 250);

    [Fact]
    public void A_short_path_is_not_changed() => Assert.Equal(@"C:\x.raw", WindowsPath.ToExtended(@"C:\x.raw"));

    [Fact]
    public void A_long_path_gets_the_prefix_without_a_length_limit() => Assert.Equal(@"\\?\C:\" + Long, WindowsPath.ToExtended(@"C:\" + Long));

    [Fact]
    public void A_long_path_of_a_share_gets_the_prefix_for_shares() => Assert.Equal(@"\\?\UNC\server\share\" + Long, WindowsPath.ToExtended(@"\\server\share\" + Long));

    [Theory]
    [InlineData(@"\\?\C:\")]
    [InlineData(@"\\.\C:\")]
    public void A_path_that_already_has_a_prefix_is_not_changed(string root) => Assert.Equal(root + Long, WindowsPath.ToExtended(root + Long));
}
