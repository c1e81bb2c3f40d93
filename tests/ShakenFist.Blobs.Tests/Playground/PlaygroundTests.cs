namespace ShakenFist.Blobs.Tests.Playground;

public sealed class PlaygroundTests : IDisposable
{
    private readonly PlaygroundProcess _playground = new();

    public void Dispose() => _playground.Dispose();

    [Fact]
    public async Task The_tour_shows_every_command_with_its_real_result()
    {
        ProcessResult result = await _playground.RunAsync("-Embedded");

        Assert.Equal(0, result.ExitCode);
        Assert.Empty(result.Error);
        Assert.All(TourCommands(), command => Assert.Contains($"\nPS> {command}\n", result.Output, StringComparison.Ordinal));
        Assert.Matches("d3a00007-[0-9a-f-]+ initial ", result.Output);
        Assert.Matches(@"\d+ % \[#+\.+\] Receiving: .* of 64\.0 MiB", result.Output);
        Assert.Matches("\nSaved +64.0 MiB Verified ", result.Output);
        Assert.Matches("\nUnchanged +64.0 MiB Verified ", result.Output);
        Assert.Contains("Resuming at byte 3145728", result.Output, StringComparison.Ordinal);
        Assert.Contains("data?offset=3145728&limit=2097152", result.Output, StringComparison.Ordinal);
        Assert.Matches("\nSaved +5.00 MiB Verified ", result.Output);
        Assert.Contains("\nSaved, Verified, 2 requests\n", result.Output, StringComparison.Ordinal);
        Assert.Matches("\n([0-9a-f]{64})\nPS> .*sha256\n\\1\n", result.Output);
        Assert.Contains("WARNING: Blob d3a00006-7a1e-4c52-9c0b-6f1f5e0a0006 was saved", result.Output, StringComparison.Ordinal);
        Assert.Contains("Recommendation: Wait until", result.Output, StringComparison.Ordinal);
        Assert.Contains("\nBlobNotReady,", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_tour_fits_80_columns_without_colours_and_leaves_no_files()
    {
        ProcessResult result = await _playground.RunAsync("-Embedded");

        Assert.All(result.Output.Split('\n'), line => Assert.InRange(line.Length, 0, 80));
        Assert.DoesNotContain('\e', result.Output);
        Assert.DoesNotContain("\n\n\n", result.Output, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_playground.Temp, "sf-tour-*"));
    }

    [Fact]
    public async Task A_command_ends_with_the_code_it_exits_with()
    {
        ProcessResult result = await _playground.RunAsync("-Embedded", "-Command", "exit 7");

        Assert.Equal(7, result.ExitCode);
        Assert.Empty(result.Output);
    }

    [Theory]
    [InlineData("Get-SfBlob d3a00001-7a1e-4c52-9c0b-6f1f5e0a0001", 0)]
    [InlineData("Get-SfBlob 00000000-0000-4000-8000-000000000000", 1)]
    [InlineData("throw 'enough'", 1)]
    [InlineData("if (", 1)]
    public async Task A_command_ends_with_the_status_of_its_last_statement(string command, int expected)
    {
        ProcessResult result = await _playground.RunAsync("-Embedded", "-Command", command);

        Assert.Equal(expected, result.ExitCode);
        Assert.Equal(expected == 0, result.Error.Length == 0);
    }

    [Fact]
    public async Task A_script_that_fails_ends_with_1_and_its_error_on_the_error_stream()
    {
        string script = _playground.Script("fails.ps1", """
            $global:ErrorView = 'NormalView'
            Get-SfBlob 00000000-0000-4000-8000-000000000000 -ErrorAction Stop
            'not reached'
            """);

        ProcessResult result = await _playground.RunAsync("-Embedded", "-File", script);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("FullyQualifiedErrorId : BlobNotFound,", result.Error, StringComparison.Ordinal);
        Assert.Empty(result.Output);
    }

    [Fact]
    public async Task A_script_gets_its_arguments_and_its_exit_code_is_passed_on()
    {
        string script = _playground.Script("it's [one].ps1", "param([int] $Code, [string[]] $Word, [switch] $Loud) \"$Word $Loud\"; exit $Code");

        ProcessResult result = await _playground.RunAsync("-Embedded", "-File", script, "-Word", "o'clock; $HOME", "-Loud", "-Code", "4");

        Assert.Equal(4, result.ExitCode);
        Assert.Equal("o'clock; $HOME True\n", result.Output);
    }

    [Fact]
    public async Task Without_cluster_and_settings_the_module_says_that_it_is_not_configured()
    {
        ProcessResult result = await _playground.RunAsync("-Embedded", "-NoCluster", "-Command", "$ErrorView = 'NormalView'; Get-SfBlob");

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("FullyQualifiedErrorId : NotConfigured,", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_question_without_a_terminal_is_an_error_and_no_endless_wait()
    {
        ProcessResult result = await _playground.RunAsync(
            "-Embedded", "-Command", "Save-SfBlobData d3a00004-7a1e-4c52-9c0b-6f1f5e0a0004 -Path asked.raw -Confirm");

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("without a terminal", result.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(_playground.Home, "asked.raw")));
    }

    [Fact]
    public async Task A_home_and_a_temp_folder_that_do_not_exist_do_no_harm_to_a_command()
    {
        _playground.Set("HOME", "/nonexistent/home");
        _playground.Set("TMPDIR", "/nonexistent/temp");

        ProcessResult result = await _playground.RunAsync("-Embedded", "-Command", "(Get-SfBlob d3a00004-7a1e-4c52-9c0b-6f1f5e0a0004).Size");

        Assert.Equal(0, result.ExitCode);
        Assert.Equal("5242880\n", result.Output);
    }

    [Fact]
    public async Task The_pwsh_on_the_path_runs_commands_with_the_module_and_the_cluster()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("A script cannot stand in for pwsh.exe.");
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

        ProcessResult result = await _playground.RunAsync("-Command", "Get-SfBlob | Sort-Object Size");

        Assert.Equal(9, result.ExitCode);
        Assert.Matches(@"\n-Command\nImport-Module '.*ShakenFist\.Blobs\.psd1' -ErrorAction Stop\nGet-SfBlob \| Sort-Object Size\nsystem\n$", result.Output);
    }

    [Theory]
    [InlineData("-Bogus")]
    [InlineData("-Command")]
    [InlineData("-File", "missing.ps1")]
    [InlineData("-Command", "1", "-File", "any.ps1")]
    [InlineData("-Picture")]
    [InlineData("-Picture", "any.svg", "-NoCluster")]
    public async Task A_command_line_that_makes_no_sense_is_refused(params string[] arguments)
    {
        ProcessResult result = await _playground.RunAsync(arguments);

        Assert.Equal(64, result.ExitCode);
        Assert.NotEmpty(result.Error);
    }

    [Fact]
    public async Task Help_tells_every_option()
    {
        ProcessResult result = await _playground.RunAsync("-Help");

        Assert.Equal(0, result.ExitCode);
        Assert.All(
            (string[])["-Command", "-File", "-Picture", "-NoTour", "-NoCluster", "-Embedded", "-Help"],
            option => Assert.Contains($"\n  {option} ", result.Output, StringComparison.Ordinal));
    }

    private static string[] TourCommands()
    {
        DirectoryInfo root = new(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root.FullName, "ShakenFist.Blobs.slnx")))
        {
            root = root.Parent!;
        }

        string[] commands = [.. File.ReadLines(Path.Combine(root.FullName, "src", "ShakenFist.Blobs.Playground", "Tour.ps1"))
            .Where(line => line.Length > 0 && !line.StartsWith('#'))];
        Assert.NotEmpty(commands);
        return commands;
    }
}
