using System.Diagnostics;
using System.Text.Json;

namespace ShakenFist.Blobs.Playground;

/// <summary>The pwsh that <c>.config/dotnet-tools.json</c> pins. <c>dotnet tool restore</c> installs it into the folder of NuGet packages.</summary>
/// <remarks>It is started through its assembly. <c>dotnet tool run</c> needs a second process and finds the tool only below the manifest's directory.</remarks>
internal sealed class PowerShellTool
{
    private readonly string _manifest;
    private readonly string _packages;

    /// <param name="repositoryRoot">The directory that contains <c>.config</c>.</param>
    /// <param name="packages">The folder of NuGet packages.</param>
    public PowerShellTool(string repositoryRoot, string packages)
    {
        _manifest = Path.Combine(repositoryRoot, ".config", "dotnet-tools.json");
        _packages = packages;
        using JsonDocument manifest = JsonDocument.Parse(File.ReadAllBytes(_manifest));
        Version = manifest.RootElement.GetProperty("tools").GetProperty("powershell").GetProperty("version").GetString()!;
    }

    /// <summary>The <c>dotnet</c> program whose runtime this process uses.</summary>
    public static string DotnetPath { get; } = Path.GetFullPath(Path.Combine(
        Path.GetDirectoryName(typeof(object).Assembly.Location)!, "..", "..", "..", OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet"));

    public string Version { get; }

    /// <summary>Full path of <c>pwsh.dll</c>, or null if the tool is not installed.</summary>
    public string? AssemblyPath
    {
        get
        {
            // NuGet writes this file last.
            string package = Path.Combine(_packages, "powershell", Version);
            return File.Exists(Path.Combine(package, ".nupkg.metadata"))
                ? Directory.EnumerateDirectories(Path.Combine(package, "tools"))
                    .Select(framework => Path.Combine(framework, "any", OperatingSystem.IsWindows() ? "win" : "unix", "pwsh.dll"))
                    .FirstOrDefault(File.Exists)
                : null;
        }
    }

    /// <summary>How to install the tool: <c>dotnet tool restore</c>, with its output redirected.</summary>
    public ProcessStartInfo Restore()
    {
        ProcessStartInfo start = new(DotnetPath, ["tool", "restore", "--tool-manifest", _manifest]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["NUGET_PACKAGES"] = _packages;
        start.Environment["DOTNET_NOLOGO"] = "1";
        start.Environment["DOTNET_SKIP_FIRST_TIME_EXPERIENCE"] = "1";

        // Coverage of the tests does not include the SDK.
        start.Environment.Remove("CORECLR_ENABLE_PROFILING");
        return start;
    }
}
