using System.Diagnostics;
using ShakenFist.Blobs.Tests.Hosting;

namespace ShakenFist.Blobs.Tests.Packages;

/// <summary>Runs programs of the SDK as the user who runs the tests.</summary>
internal static class Dotnet
{
    /// <summary>The path of the runtime that runs these tests.</summary>
    public static string Root { get; } = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "../../.."));

    /// <summary>Runs a program and returns its output. Fails if its exit code is not 0, or after a time limit.</summary>
    public static async Task<string> RunAsync(params string[] arguments)
    {
        // Builds can be slow on a computer that is busy with other tests.
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromMinutes(8));
        using Process process = Start("dotnet", arguments);
        try
        {
            Task<string> errors = process.StandardError.ReadToEndAsync(limit.Token);
            string output = await process.StandardOutput.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            Assert.True(process.ExitCode == 0, $"dotnet {string.Join(' ', arguments)}\n{output}{await errors}");
            return output.ReplaceLineEndings("\n");
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    /// <summary>Starts a program with its output redirected.</summary>
    public static Process Start(string program, params string[] arguments)
    {
        ProcessStartInfo start = new(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = ModuleUnderTest.Root };
        start.Environment[ModuleUnderTest.HomeVariable] = ModuleUnderTest.UserHome;
        start.Environment["DOTNET_ROOT"] = Root;
        start.Environment["DOTNET_CLI_UI_LANGUAGE"] = "en";

        // The test coverage must not include the compiler.
        start.Environment.Remove("CORECLR_ENABLE_PROFILING");
        return Process.Start(start)!;
    }
}
