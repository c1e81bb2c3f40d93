using System.Diagnostics;

namespace ShakenFist.Blobs.Playground;

/// <summary>Installs the pinned version of PowerShell, and shows progress on the error stream.</summary>
internal static class ToolInstallation
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>Runs <c>dotnet tool restore</c>. Returns an empty string, or its output if it failed.</summary>
    public static async Task<string> RunAsync(PowerShellTool tool)
    {
        string text = $"Installing PowerShell {tool.Version} (43 MB, the first time only)";
        Stopwatch elapsed = Stopwatch.StartNew();
        Console.Error.Write(text);
        using Process process = Process.Start(tool.Restore())!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        Task exit = process.WaitForExitAsync();
        while (await Task.WhenAny(exit, Task.Delay(Interval)) != exit)
        {
            if (!Console.IsErrorRedirected)
            {
                Console.Error.Write($"\r{text}: {elapsed.Elapsed.TotalSeconds:0} s");
            }
        }

        Console.Error.WriteLine($"{(Console.IsErrorRedirected ? string.Empty : "\r" + text)}: {(process.ExitCode == 0 ? "done" : "failed")} after {elapsed.Elapsed.TotalSeconds:0} s");
        string written = (await output + await error).Trim();
        return process.ExitCode == 0 ? string.Empty : written;
    }
}
