using ShakenFist.Blobs.Files;

namespace ShakenFist.Blobs.Client.Tests.Files;

public sealed class TargetNameRulesTests
{
    [Theory]
    [InlineData("/d/x.raw.sfpart")]
    [InlineData("/d/x.raw.sfjournal")]
    public void A_reserved_suffix_is_rejected_on_every_system(string path)
    {
        foreach (TargetNameRules rules in (TargetNameRules[])[TargetNameRules.Windows, TargetNameRules.MacOS, TargetNameRules.Linux])
        {
            Assert.Equal("has a suffix that is reserved for the temporary files of transfers.", rules.FindProblem(path));
        }
    }

    [Theory]
    [InlineData("/d/x.raw.SFPART")]
    [InlineData("/d/x.raw.SfJournal")]
    public void The_case_of_a_reserved_suffix_matters_only_on_case_sensitive_systems(string path)
    {
        Assert.NotNull(TargetNameRules.Windows.FindProblem(path));
        Assert.NotNull(TargetNameRules.MacOS.FindProblem(path));
        Assert.Null(TargetNameRules.Linux.FindProblem(path));
    }

    [Fact]
    public void A_long_s_equals_an_s_only_on_macOS()
    {
        Assert.True(TargetNameRules.MacOS.HasReservedSuffix("x.\u017Ffjournal"));
        Assert.False(TargetNameRules.Windows.HasReservedSuffix("x.\u017Ffpart"));
        Assert.False(TargetNameRules.Linux.HasReservedSuffix("x.\u017Ffpart"));
    }

    [Theory]
    [InlineData("CON")]
    [InlineData("prn")]
    [InlineData("Aux.raw")]
    [InlineData("NUL.tar.gz")]
    [InlineData("nul  .raw")]
    [InlineData("NUL.")]
    [InlineData("NUL ")]
    [InlineData("NUL:")]
    [InlineData("NUL:x")]
    [InlineData("COM0")]
    [InlineData("com9.raw")]
    [InlineData("COM\u00B9")]
    [InlineData("COM\u00B2.raw")]
    [InlineData("LPT\u00B3")]
    [InlineData("lpt1")]
    [InlineData("CONIN$")]
    [InlineData("conout$.raw")]
    public void A_device_name_is_rejected_on_Windows(string name)
    {
        Assert.True(TargetNameRules.IsDeviceName(name));
        Assert.Equal("is the name of a device, not of a file.", TargetNameRules.Windows.FindProblem(@"C:\images\" + name));
        Assert.Equal("is the name of a device, not of a file.", TargetNameRules.Windows.FindProblem("images/" + name));
        Assert.Equal("is the name of a device, not of a file.", TargetNameRules.Windows.FindProblem(name));
        Assert.Null(TargetNameRules.Linux.FindProblem("/images/" + name));
        Assert.Null(TargetNameRules.MacOS.FindProblem("/images/" + name));
    }

    [Theory]
    [InlineData("CONSOLE")]
    [InlineData("CON1")]
    [InlineData("COM")]
    [InlineData("COM10")]
    [InlineData("COMA")]
    [InlineData("COM\u0661")]
    [InlineData("LPTX.raw")]
    [InlineData("x.NUL")]
    [InlineData(" NUL")]
    [InlineData("CONIN")]
    public void A_name_that_resembles_a_device_is_accepted(string name)
    {
        Assert.False(TargetNameRules.IsDeviceName(name));
        Assert.Null(TargetNameRules.Windows.FindProblem(@"C:\images\" + name));
    }

    [Theory]
    [InlineData(@"\\.\PhysicalDrive0")]
    [InlineData(@"\\.\C:\x.raw")]
    [InlineData("//./pipe/x")]
    [InlineData(@"\\?\pipe\x")]
    [InlineData(@"\\?\GLOBALROOT\Device\Harddisk0")]
    [InlineData(@"\\?\C:")]
    [InlineData(@"\??\pipe\x")]
    public void A_device_path_is_rejected_on_Windows(string path) => Assert.Equal("is the name of a device, not of a file.", TargetNameRules.Windows.FindProblem(path));

    [Theory]
    [InlineData(@"C:\x.raw:hidden")]
    [InlineData(@"C:\x.raw::$DATA")]
    [InlineData("x.raw:hidden")]
    [InlineData("C:x.raw:hidden")]
    [InlineData("xx:hidden")]
    public void An_alternate_data_stream_is_rejected_on_Windows(string path)
    {
        Assert.Equal("names an alternate data stream, not a file.", TargetNameRules.Windows.FindProblem(path));
        Assert.Null(TargetNameRules.Linux.FindProblem(path));
    }

    [Theory]
    [InlineData(@"C:\x.raw.")]
    [InlineData(@"C:\x.raw ")]
    [InlineData("C:/images/x. .")]
    [InlineData(@"C:\x.sfpart.")]
    public void A_trailing_dot_or_space_is_rejected_on_Windows(string path)
    {
        Assert.Equal("ends with a dot or a space, which Windows removes from file names.", TargetNameRules.Windows.FindProblem(path));
        Assert.Null(TargetNameRules.Linux.FindProblem(path));
    }

    [Theory]
    [InlineData('<')]
    [InlineData('>')]
    [InlineData('"')]
    [InlineData('|')]
    [InlineData('?')]
    [InlineData('*')]
    public void A_character_that_Windows_does_not_allow_is_reported(char character)
    {
        Assert.Equal($"contains '{character}', which Windows does not allow in a file name.", TargetNameRules.Windows.FindProblem($@"C:\x{character}.raw"));
        Assert.Null(TargetNameRules.Linux.FindProblem($"/x{character}.raw"));
    }

    [Theory]
    [InlineData(@"C:\images\x.raw")]
    [InlineData("C:x.raw")]
    [InlineData("x")]
    [InlineData(@"\\server\share\x.raw")]
    [InlineData(@"\\?\C:\images\x.raw")]
    [InlineData(@"\\?\UNC\server\share\x.raw")]
    [InlineData(@"\\?\Volume{b75e2c83-0000-0000-0000-602f00000000}\x.raw")]
    [InlineData("C:/images/sfpart")]
    [InlineData(@"C:\images\x.sfpart\y.raw")]
    [InlineData(@"C:\images\.sfparts")]
    public void A_usual_path_is_accepted(string path)
    {
        Assert.Null(TargetNameRules.Windows.FindProblem(path));
        Assert.Null(TargetNameRules.MacOS.FindProblem(path));
        Assert.Null(TargetNameRules.Linux.FindProblem(path));
    }

    [Fact]
    public void The_current_rules_are_those_of_this_system() => Assert.Same(
        OperatingSystem.IsWindows() ? TargetNameRules.Windows : OperatingSystem.IsMacOS() ? TargetNameRules.MacOS : TargetNameRules.Linux,
        TargetNameRules.Current);

    [WindowsFact]
    public void Every_name_that_Windows_treats_as_a_device_is_rejected()
    {
        foreach (string name in (string[])["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", .. Enumerable.Range(1, 9).SelectMany(n => (string[])[$"COM{n}", $"LPT{n}"])])
        {
            Assert.NotNull(TargetNameRules.Current.FindProblem(Path.Combine(Path.GetTempPath(), name)));
        }

        Assert.StartsWith(@"\\.\", Path.GetFullPath("NUL"), StringComparison.Ordinal);
    }
}
