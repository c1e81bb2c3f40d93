using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using ShakenFist.Blobs.Playground;
using ShakenFist.Blobs.Tests.Hosting;

namespace ShakenFist.Blobs.Tests.Pester;

/// <summary>Runs the Pester suite on the module in out/, in the pinned PowerShell. Each file is one test.</summary>
public sealed partial class PesterTests(PesterCounts counts) : IClassFixture<PesterCounts>
{
    private static readonly string Folder = Path.Combine(ModuleUnderTest.Root, "tests", "Pester");
    private static readonly TimeSpan TimeLimit = TimeSpan.FromMinutes(10);

    public static TheoryData<string> Files() =>
        [.. Directory.EnumerateFiles(Folder, "*.Tests.ps1").Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Files))]
    public async Task All_tests_of_the_file_pass(string file)
    {
        await RepositoryTools.RestoreAsync();
        (int exitCode, string output) = await RunAsync(file);

        Assert.True(exitCode == 0, output);
        Match summary = Summary().Match(output);
        Assert.True(summary.Success, output);
        counts.Add(summary.Groups["passed"].Value, summary.Groups["failed"].Value, summary.Groups["skipped"].Value);
    }

    private static async Task<(int ExitCode, string Output)> RunAsync(string file)
    {
        ProcessStartInfo start = new(PowerShellTool.DotnetPath,
            [RepositoryTools.PowerShell.AssemblyPath!, "-NoProfile", "-NonInteractive", "-ExecutionPolicy", "Bypass", "-File", Path.Combine(Folder, "Invoke-Suite.ps1"), "-Name", file, "-Verbosity", "Detailed"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = ModuleUnderTest.Root,
        };
        start.Environment["HOME"] = ModuleUnderTest.UserHome;
        start.Environment["NO_COLOR"] = "1";
        start.Environment["POWERSHELL_TELEMETRY_OPTOUT"] = "1";
        start.Environment["POWERSHELL_UPDATECHECK"] = "Off";
        start.Environment.Remove("CORECLR_ENABLE_PROFILING");

        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeLimit);
        using Process process = Process.Start(start)!;
        using CancellationTokenRegistration kill = limit.Token.Register(() => process.Kill(entireProcessTree: true));
        process.StandardInput.Close();
        Task<string> error = process.StandardError.ReadToEndAsync(CancellationToken.None);
        string output = await process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        await process.WaitForExitAsync(CancellationToken.None);
        return (limit.IsCancellationRequested ? -1 : process.ExitCode, output + await error);
    }

    [GeneratedRegex(@"succeeded: (?<passed>\d+)\s+failed: (?<failed>\d+)\s+skipped: (?<skipped>\d+)")]
    private static partial Regex Summary();
}

/// <summary>Adds up the results of the files, and writes the sum at the end.</summary>
public sealed class PesterCounts : IDisposable
{
    private int _passed;
    private int _failed;
    private int _skipped;

    public void Add(string passed, string failed, string skipped)
    {
        _passed += int.Parse(passed, CultureInfo.InvariantCulture);
        _failed += int.Parse(failed, CultureInfo.InvariantCulture);
        _skipped += int.Parse(skipped, CultureInfo.InvariantCulture);
    }

    public void Dispose() => TestContext.Current.SendDiagnosticMessage($"Pester: {_passed} passed, {_failed} failed, {_skipped} skipped");
}
