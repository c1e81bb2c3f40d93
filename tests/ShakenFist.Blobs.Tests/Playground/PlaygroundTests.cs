using ShakenFist.Blobs.Tests.Hosting;

namespace ShakenFist.Blobs.Tests.Playground;

public sealed class PlaygroundTests : IDisposable
{
    private readonly PlaygroundProcess _playground = new();

    public void Dispose() => _playground.Dispose();

    [Fact]
    public async Task The_tour_shows_each_command_with_its_result()
    {
        ProcessResult result = await _playground.RunAsync();

        Assert.Equal((0, string.Empty), (result.ExitCode, result.Error));
        Assert.All(TourCommands(), command => Assert.Contains($"\nPS> {command}\n", result.Output, StringComparison.Ordinal));
        Assert.Matches("d3a00007-[0-9a-f-]+ initial ", result.Output);
        Assert.Matches("\nSaved +64.0 MiB Verified ", result.Output);
        Assert.Matches("\nUnchanged +64.0 MiB Verified ", result.Output);
        Assert.Contains("\ncuts: 1, bytes fetched twice: 0\n", result.Output, StringComparison.Ordinal);
        Assert.Contains("\nSaved, Verified, 2 requests\n", result.Output, StringComparison.Ordinal);
        Assert.Matches("\n([0-9a-f]{64})\nPS> .*sha256\n\\1\n", result.Output);
        Assert.Contains("WARNING: Blob d3a00006-7a1e-4c52-9c0b-6f1f5e0a0006 was saved", result.Output, StringComparison.Ordinal);
        Assert.Contains("Recommendation: Run Wait-SfBlob", result.Output, StringComparison.Ordinal);
        Assert.Contains("\nBlobNotReady,", result.Output, StringComparison.Ordinal);

        // Each screen fits into 24 lines of 80 columns. The last line is for the prompt.
        string[] screens = result.Output.Split("\n\n# ");
        Assert.Equal(15, screens.Length - 1);
        Assert.All(screens, screen => Assert.InRange(screen.Trim('\n').Split('\n').Sum(line => Math.Max(1, (line.Length + 79) / 80)), 1, 23));
        Assert.All(TourCommands(), command => Assert.InRange(command.Length, 1, 80 - "PS> ".Length));

        // No colors and no files.
        Assert.DoesNotContain('\e', result.Output);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_playground.Temp, "sf-*"));
    }

    [Fact]
    public async Task PowerShell_is_the_pinned_version_with_a_complete_prompt()
    {
        ProcessResult result = await _playground.RunAsync("-Command", """
            "$($PSVersionTable.PSVersion)"
            (Get-Module ShakenFist.Blobs).Name
            (Get-Module PSReadLine -ListAvailable).Name
            (help Save-SfBlobData -Examples | Out-String) -match 'Example 1: Save a blob'
            (Get-SfBlob | Sort-Object Size | Select-Object -First 5).Count
            """);

        Assert.Equal(string.Empty, result.Error);
        Assert.Equal([RepositoryTools.PowerShell.Version, "ShakenFist.Blobs", "PSReadLine", "True", "5"], result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task The_exit_code_of_a_command_is_returned()
    {
        ProcessResult result = await _playground.RunAsync("-Command", "exit 7");

        Assert.Equal(7, result.ExitCode);
        Assert.Empty(result.Output);
    }

    [Theory]
    [InlineData("Get-SfBlob d3a00001-7a1e-4c52-9c0b-6f1f5e0a0001", 0)]
    [InlineData("Get-SfBlob 00000000-0000-4000-8000-000000000000", 1)]
    [InlineData("throw 'enough'", 1)]
    [InlineData("Get-SfBlob )", 1)]
    public async Task The_exit_code_depends_on_the_status_of_the_last_statement(string command, int expected)
    {
        ProcessResult result = await _playground.RunAsync("-Command", command);

        Assert.Equal(expected, result.ExitCode);
        Assert.Equal(expected == 0, result.Error.Length == 0);
    }

    [Fact]
    public async Task A_script_that_fails_exits_with_1_and_writes_its_error_to_the_error_stream()
    {
        string script = _playground.Script("fails.ps1", """
            $global:ErrorView = 'NormalView'
            Get-SfBlob 00000000-0000-4000-8000-000000000000 -ErrorAction Stop
            'not reached'
            """);

        ProcessResult result = await _playground.RunAsync("-File", script);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("FullyQualifiedErrorId : BlobNotFound,", result.Error, StringComparison.Ordinal);
        Assert.Empty(result.Output);
    }

    [Fact]
    public async Task A_script_receives_its_arguments_and_its_exit_code_is_returned()
    {
        string script = _playground.Script("it's [one].ps1", "param([int] $Code, [string[]] $Word, [switch] $Loud) \"$Word $Loud\"; exit $Code");

        ProcessResult result = await _playground.RunAsync("-File", script, "-Word", "o'clock; $HOME", "-Loud", "-Code", "4");

        Assert.Equal(4, result.ExitCode);
        Assert.Equal("o'clock; $HOME True\n", result.Output);
    }

    [Fact]
    public async Task Without_cluster_and_settings_the_error_is_NotConfigured()
    {
        ProcessResult result = await _playground.RunAsync("-NoCluster", "-Command", "$ErrorView = 'NormalView'; Get-SfBlob");

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("FullyQualifiedErrorId : NotConfigured,", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_prompt_without_a_terminal_is_an_error()
    {
        ProcessResult result = await _playground.RunAsync(
            "-Command", "Save-SfBlobData d3a00004-7a1e-4c52-9c0b-6f1f5e0a0004 -Path asked.raw -Confirm");

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("NonInteractive", result.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(_playground.Home, "asked.raw")));
    }

    [Fact]
    public async Task A_command_works_without_existing_home_and_temp_folders()
    {
        _playground.Set("HOME", "/nonexistent/home");
        _playground.Set("TMPDIR", "/nonexistent/temp");

        ProcessResult result = await _playground.RunAsync("-Command", "(Get-SfBlob d3a00004-7a1e-4c52-9c0b-6f1f5e0a0004).Size");

        Assert.Equal(0, result.ExitCode);
        Assert.Equal("5242880\n", result.Output);
    }

    [Fact]
    public async Task If_the_tool_cannot_be_installed_a_pwsh_on_the_path_is_used()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("A script cannot replace pwsh.exe there.");
            return;
        }

        string pwsh = _playground.Script("pwsh", """
            #!/bin/sh
            if [ "$2" = -Version ]; then echo "PowerShell 7.4.0"; exit 0; fi
            printf '%s\n' "$@" "$SHAKENFIST_NAMESPACE"
            exit 9
            """);
        File.SetUnixFileMode(pwsh, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        _playground.Set("PATH", $"{_playground.Home}:{Environment.GetEnvironmentVariable("PATH")}");
        WithoutPackages();

        ProcessResult result = await _playground.RunAsync("-Command", "Get-SfBlob | Sort-Object Size");

        Assert.Equal(9, result.ExitCode);
        Assert.Matches(@"\n-Command\nImport-Module '.*ShakenFist\.Blobs\.psd1' -ErrorAction Stop\nGet-SfBlob \| Sort-Object Size\nsystem\n$", result.Output);
    }

    [Fact]
    public async Task Without_any_PowerShell_the_error_contains_advice()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The runtime's directory is on the PATH there.");
        _playground.Set("PATH", _playground.Home);
        WithoutPackages();

        ProcessResult result = await _playground.RunAsync("-Command", "1");

        Assert.Equal((1, string.Empty), (result.ExitCode, result.Output));
        Assert.Contains("Installing PowerShell", result.Error, StringComparison.Ordinal);
        Assert.Contains("Run 'dotnet tool restore'", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-Bogus")]
    [InlineData("-Command")]
    [InlineData("-File", "missing.ps1")]
    [InlineData("-Command", "1", "-File", "any.ps1")]
    [InlineData("-Picture")]
    [InlineData("-Picture", "any.svg", "-NoCluster")]
    public async Task An_invalid_command_line_is_rejected(params string[] arguments)
    {
        ProcessResult result = await _playground.RunAsync(arguments);

        Assert.Equal(64, result.ExitCode);
        Assert.NotEmpty(result.Error);
    }

    [Fact]
    public async Task The_help_lists_every_option()
    {
        ProcessResult result = await _playground.RunAsync("-Help");

        Assert.Equal(0, result.ExitCode);
        Assert.All(
            (string[])["-Command", "-File", "-Picture", "-NoTour", "-NoCluster", "-Help"],
            option => Assert.Contains($"\n  {option} ", result.Output, StringComparison.Ordinal));
    }

    /// <summary>An empty package folder, and no package source.</summary>
    private void WithoutPackages()
    {
        _playground.Set("NUGET_PACKAGES", Path.Combine(_playground.Home, "packages"));
        _playground.Set("DOTNET_CLI_HOME", _playground.Home);
        string settings = Path.Combine(_playground.Home, ".nuget", "NuGet");
        Directory.CreateDirectory(settings);
        File.WriteAllText(Path.Combine(settings, "NuGet.Config"), "<configuration><packageSources><clear /></packageSources></configuration>");
    }

    private static string[] TourCommands() => [.. TourLines().Where(line => line.Length > 0 && !line.StartsWith('#'))];

    private static string[] TourLines() => File.ReadAllLines(Path.Combine(ModuleUnderTest.Root, "src", "ShakenFist.Blobs.Playground", "Tour.ps1"));
}
