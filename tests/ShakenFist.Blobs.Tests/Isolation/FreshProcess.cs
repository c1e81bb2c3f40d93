using System.Diagnostics;
using System.Text.Json;
using ShakenFist.Blobs.Tests.Hosting;

namespace ShakenFist.Blobs.Tests.Isolation;

/// <summary>Runs steps in a new process that has not loaded the module yet. Each step is a script or one of the words with an at sign.</summary>
internal static class FreshProcess
{
    /// <summary>The time limit of a process that hangs, long enough for a busy computer.</summary>
    public static readonly TimeSpan TimeLimit = TimeSpan.FromMinutes(5);

    public const string Assemblies = "@assemblies";
    public const string Neighbours = "@neighbours";
    public const string Runspace = "@runspace";

    public static string Import => $"Import-Module '{ModuleUnderTest.Manifest}'";

    /// <summary>Returns the output of each step: the assemblies as "name major-version context", or the output of a script with its errors.</summary>
    public static async Task<IReadOnlyList<string[]>> RunAsync(params string[] steps)
    {
        ProcessStartInfo start = new("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(ModuleUnderTest.FreshProcess);
        foreach (string step in steps)
        {
            start.ArgumentList.Add(step);
        }

        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeLimit);
        using Process process = Process.Start(start)!;
        try
        {
            Task<string> errors = process.StandardError.ReadToEndAsync(limit.Token);
            string output = await process.StandardOutput.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            Assert.True(process.ExitCode == 0, output + await errors);
            return [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Read)];
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
            }
        }
    }

    private static string[] Read(string line)
    {
        using JsonDocument json = JsonDocument.Parse(line);
        return json.RootElement.ValueKind == JsonValueKind.Array
            ? [.. json.RootElement.EnumerateArray().Select(e => e.GetString()!)]
            : [json.RootElement.GetString()!];
    }
}
