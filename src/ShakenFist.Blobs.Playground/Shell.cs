using System.ComponentModel;
using System.Diagnostics;

namespace ShakenFist.Blobs.Playground;

/// <summary>A version of pwsh that can be started: the pinned tool, or pwsh from the PATH if the tool cannot be installed.</summary>
internal sealed class Shell
{
    private static readonly Version MinVersion = new(7, 4);
    private readonly string _program;
    private readonly string[] _prefix;

    private Shell(string program, string version, params string[] prefix)
    {
        _program = program;
        _prefix = prefix;
        Version = version;
    }

    public string Version { get; }

    /// <summary>Returns the pinned tool, and installs it if necessary. If that fails, returns pwsh 7.4 or later from the PATH. Otherwise null, with the reason.</summary>
    public static async Task<(Shell? Shell, string Failure)> FindAsync(PowerShellTool tool)
    {
        string failure = tool.AssemblyPath is null ? await ToolInstallation.RunAsync(tool) : string.Empty;
        return tool.AssemblyPath is { } path
            ? (new Shell(PowerShellTool.DotnetPath, tool.Version, path), string.Empty)
            : (FindOnPath(), failure);
    }

    /// <summary>Runs pwsh with the console and environment of this process, and returns the exit code.</summary>
    public async Task<int> RunAsync(params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(_program, [.. _prefix, .. arguments]) { UseShellExecute = false })!;
        await process.WaitForExitAsync();
        return process.ExitCode;
    }

    /// <summary>Runs pwsh without input and returns its output.</summary>
    public async Task<(int ExitCode, string Output)> ReadAsync(IReadOnlyDictionary<string, string?> environment, params string[] arguments)
    {
        ProcessStartInfo start = new(_program, [.. _prefix, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            StandardOutputEncoding = System.Text.Encoding.UTF8,
        };
        foreach ((string name, string? value) in environment)
        {
            start.Environment[name] = value;
        }

        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output);
    }

    private static Shell? FindOnPath()
    {
        string name = OperatingSystem.IsWindows() ? "pwsh.exe" : "pwsh";
        string? path = (Environment.GetEnvironmentVariable("PATH") ?? string.Empty)
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(directory => Path.Combine(directory, name))
            .FirstOrDefault(File.Exists);
        return path is not null && ReadVersion(path) is { } version && IsSupported(version) ? new Shell(path, version) : null;
    }

    private static string? ReadVersion(string path)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(path, ["-NoLogo", "-Version"]) { UseShellExecute = false, RedirectStandardOutput = true })!;
            string answer = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? answer.Trim().Split(' ')[^1] : null;
        }
        catch (Win32Exception)
        {
            // The file is not a program for this system.
            return null;
        }
    }

    private static bool IsSupported(string version) => System.Version.TryParse(version.Split('-')[0], out Version? number) && number >= MinVersion;
}
