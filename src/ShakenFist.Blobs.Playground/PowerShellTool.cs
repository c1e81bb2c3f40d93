using System.Diagnostics;
using System.Text.Json;

namespace ShakenFist.Blobs.Playground;

/// <summary>The PowerShell version that <c>.config/dotnet-tools.json</c> specifies. <c>dotnet tool restore</c> installs it into the folder of NuGet packages.</summary>
/// <remarks>
/// It is started by its assembly, because <c>dotnet tool run</c> starts a second process and finds the tool only in the directory of the manifest and below.
/// </remarks>
internal sealed class PowerShellTool
{
    private readonly string _manifest;
    private readonly string _packages;
    private readonly string _cache;

    /// <param name="repositoryRoot">The directory that contains <c>.config</c>.</param>
    /// <param name="packages">The folder of NuGet packages.</param>
    /// <param name="home">The user's home directory.</param>
    public PowerShellTool(string repositoryRoot, string packages, string? home)
    {
        _cache = Path.Combine(Environment.GetEnvironmentVariable("DOTNET_CLI_HOME") ?? home ?? string.Empty, ".dotnet", "toolResolverCache", "1", "powershell");
        _manifest = Path.Combine(repositoryRoot, ".config", "dotnet-tools.json");
        _packages = packages;
        using JsonDocument manifest = JsonDocument.Parse(File.ReadAllBytes(_manifest));
        Version = manifest.RootElement.GetProperty("tools").GetProperty("powershell").GetProperty("version").GetString()!;
    }

    /// <summary>The <c>dotnet</c> program whose runtime this process uses.</summary>
    public static string DotnetPath { get; } = Path.GetFullPath(Path.Combine(
        Path.GetDirectoryName(typeof(object).Assembly.Location)!, "..", "..", "..", OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet"));

    public string Version { get; }

    /// <summary>The package folder of the tool, whether or not it is installed.</summary>
    public string PackagesPath => AssemblyPath is { } path ? Path.GetFullPath(Path.Combine(path, "..", "..", "..", "..", "..", "..", "..")) : _packages;

    /// <summary>Full path of <c>pwsh.dll</c>, or null if the tool is not installed.</summary>
    public string? AssemblyPath => Find(Path.Combine(_packages, "powershell", Version)) ?? (PackageInCache() is { } package ? Find(package) : null);

    /// <summary>Returns the process that installs the tool: <c>dotnet tool restore</c>, with redirected output.</summary>
    public ProcessStartInfo Restore()
    {
        ProcessStartInfo start = new(DotnetPath, ["tool", "restore", "--tool-manifest", _manifest]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["NUGET_PACKAGES"] = _packages;
        start.Environment["DOTNET_NOLOGO"] = "1";
        start.Environment["DOTNET_SKIP_FIRST_TIME_EXPERIENCE"] = "1";

        // The test coverage must not include the SDK.
        start.Environment.Remove("CORECLR_ENABLE_PROFILING");
        return start;
    }

    private static string? Find(string package) =>

        // NuGet writes this file last, so the package is complete if it exists.
        File.Exists(Path.Combine(package, ".nupkg.metadata"))
            ? Directory.EnumerateDirectories(Path.Combine(package, "tools"))
                .Select(framework => Path.Combine(framework, "any", OperatingSystem.IsWindows() ? "win" : "unix", "pwsh.dll"))
                .FirstOrDefault(File.Exists)
            : null;

    /// <summary>Finds a tool that was restored to another package folder. It is not restored again, because the CLI records its location.</summary>
    private string? PackageInCache()
    {
        try
        {
            using JsonDocument cache = JsonDocument.Parse(File.ReadAllBytes(_cache));
            string? shim = cache.RootElement.EnumerateArray()
                .Where(entry => entry.GetProperty(nameof(Version)).GetString() == Version)
                .Select(entry => entry.GetProperty("PathToExecutable").GetString())
                .FirstOrDefault(File.Exists);

            // <package>/tools/<framework>/any/<shim>
            return shim is null ? null : Path.GetFullPath(Path.Combine(shim, "..", "..", "..", ".."));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or KeyNotFoundException or InvalidOperationException)
        {
            // The file belongs to the CLI, and its format can change.
            return null;
        }
    }
}
