using System.Diagnostics;
using ShakenFist.Blobs.Playground;

namespace ShakenFist.Blobs.Tests.Hosting;

/// <summary>The pinned PowerShell of the repository. The first test in the process that starts it restores it.</summary>
internal static class RepositoryTools
{
    private static readonly Lazy<Task> Restored = new(InstallAsync);

    public static PowerShellTool PowerShell { get; } = new(ModuleUnderTest.Root, ModuleUnderTest.Packages, ModuleUnderTest.UserHome);

    public static Task RestoreAsync() => Restored.Value;

    private static async Task InstallAsync()
    {
        if (PowerShell.AssemblyPath is not null)
        {
            return;
        }

        ProcessStartInfo start = PowerShell.Restore();
        start.Environment["HOME"] = ModuleUnderTest.UserHome;
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0 && PowerShell.AssemblyPath is not null, $"dotnet tool restore: {output}{await error}");
    }
}
