using System.ComponentModel;
using System.Diagnostics;

namespace ShakenFist.Blobs.Playground;

/// <summary>The pwsh that is on the PATH, if it is one the module works with.</summary>
internal sealed class PwshProcess
{
    private static readonly Version Oldest = new(7, 4);

    private PwshProcess(string path, string version)
    {
        Path = path;
        Version = version;
    }

    public string Path { get; }

    public string Version { get; }

    /// <summary>Looks for it. Null where there is none, or an older one.</summary>
    public static PwshProcess? Find()
    {
        string name = OperatingSystem.IsWindows() ? "pwsh.exe" : "pwsh";
        string? path = (Environment.GetEnvironmentVariable("PATH") ?? string.Empty)
            .Split(System.IO.Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(directory => System.IO.Path.Combine(directory, name))
            .FirstOrDefault(File.Exists);
        return path is not null && AskVersion(path) is { } version && IsRecent(version) ? new PwshProcess(path, version) : null;
    }

    /// <summary>The user's own prompt, with the module imported.</summary>
    public int Prompt() => Run("-NoLogo", "-NoExit", "-Command", ImportModule);

    public int Command(string text) => Run("-NoLogo", "-NoProfile", "-Command", ImportModule + "\n" + text);

    public int Script(string file, IReadOnlyList<string> arguments) => Command(ScriptCall.Text(file, arguments));

    private static string ImportModule => $"Import-Module {ScriptCall.Quote(ModuleUnderHand.Manifest)} -ErrorAction Stop";

    /// <summary>Runs with this process's console and environment, to the end.</summary>
    private int Run(params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(Path, arguments) { UseShellExecute = false })!;
        process.WaitForExit();
        return process.ExitCode;
    }

    private static string? AskVersion(string path)
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
            // A file of that name that cannot be run.
            return null;
        }
    }

    private static bool IsRecent(string version) => System.Version.TryParse(version.Split('-')[0], out Version? number) && number >= Oldest;
}
