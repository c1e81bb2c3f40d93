using ShakenFist.Blobs.Packager;

namespace ShakenFist.Blobs.Tests.Packages;

/// <summary>Tests the parsers of the packager, without a package.</summary>
public sealed class PackagerTests
{
    [Fact]
    public void A_data_file_has_tables_arrays_and_texts()
    {
        IReadOnlyDictionary<string, object> table = DataFile.Parse("""
            # A comment, with a brace }
            @{
                One   = 'it''s'; Two = @('a', 'b'
                    'c')   # beside
                Three = @{ Four = @() }
                Five  = 'd',
                        'e'
            }
            """);

        Assert.Equal("it's", table["one"]);
        Assert.Equal(["a", "b", "c"], (List<object>)table["Two"]);
        Assert.Equal(["d", "e"], (List<object>)table["Five"]);
        Assert.Empty((List<object>)((IReadOnlyDictionary<string, object>)table["Three"])["Four"]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("@{")]
    [InlineData("@{ A = }")]
    [InlineData("@{ A 'b' }")]
    [InlineData("@{ A = 'b' } @{ }")]
    [InlineData("@{ A = $(Get-Date) }")]
    [InlineData("@{ A = \"$HOME\" }")]
    [InlineData("@{ A = 'b }")]
    [InlineData("@{ A = 'b', }")]
    public void A_data_file_with_other_content_is_rejected(string text) => Assert.Throws<FormatException>(() => DataFile.Parse(text));

    [Theory]
    [InlineData("# Changes\n\n## [Unreleased] 1.2.0\n\nNew.\n\n## [1.1.0] - 2026-01-01\n\nOld.\n", "1.2.0", "New.")]
    [InlineData("## [1.1.0] - 2026-01-01\r\n\r\n### Added\r\n\r\n- Old.\r\n", "1.1.0", "### Added\n\n- Old.")]
    [InlineData("## 1.1.0\nOld.", "1.1.0", "Old.")]
    public void The_section_of_a_version_in_the_changelog_ends_at_the_next(string changelog, string version, string expected) =>
        Assert.Equal(expected, Changelog.Section(changelog, version));

    [Theory]
    [InlineData("## [1.1.0]\n\nOld.\n", "1.1")]
    [InlineData("## [1.1.0]\n\n## [1.0.0]\n\nOlder.\n", "1.1.0")]
    public void A_version_without_a_section_is_rejected(string changelog, string version) =>
        Assert.Throws<FormatException>(() => Changelog.Section(changelog, version));

    [Theory]
    [InlineData("--bogus")]
    [InlineData("--layout")]
    public void An_invalid_command_line_is_rejected(params string[] arguments) => Assert.Throws<FormatException>(() => PackagerOptions.Parse(arguments));

    [Fact]
    public void The_packages_of_a_lock_file_are_read_with_their_dependencies()
    {
        LockedPackage[] packages = [.. LockFile.Read("""
            { "version": 2, "dependencies": { "net8.0": {
                "B": { "type": "Transitive", "resolved": "1.0.0", "contentHash": "x" },
                "A": { "type": "Direct", "requested": "[2.0.0, )", "resolved": "2.0.0", "contentHash": "y", "dependencies": { "B": "1.0.0" } }
            } } }
            """)];

        Assert.Equal([("A", "2.0.0", true), ("B", "1.0.0", false)], packages.Select(p => (p.Id, p.Version, p.IsDirect)));
        Assert.Equal(["B"], packages[0].Dependencies);
        Assert.Empty(packages[1].Dependencies);
    }
}
