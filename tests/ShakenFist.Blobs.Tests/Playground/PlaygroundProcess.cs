using System.Diagnostics;
using ShakenFist.Blobs.Playground;
using ShakenFist.Blobs.Tests.Hosting;

namespace ShakenFist.Blobs.Tests.Playground;

/// <summary>Runs the built playground as its own process, in an empty home and without the user's settings.</summary>
internal sealed class PlaygroundProcess : IDisposable
{
    private static readonly TimeSpan TimeLimit = TimeSpan.FromMinutes(4);
    private readonly Dictionary<string, string?> _environment = [];

    public PlaygroundProcess()
    {
        Set("HOME", Home);
        Set("USERPROFILE", Home);
        Set("TMPDIR", Temp);
        Set("TMP", Temp);
        Set("LC_ALL", "en_US.UTF-8");
        Set("SHAKENFIST_API_URL", null);
        Set("SHAKENFIST_NAMESPACE", null);
        Set("SHAKENFIST_KEY", null);
    }

    public string Home { get; } = Directory.CreateTempSubdirectory("sf-home-").FullName;

    public string Temp { get; } = Directory.CreateTempSubdirectory("sf-temp-").FullName;

    /// <summary>Changes a variable of the process's environment; null takes it away.</summary>
    public void Set(string variable, string? value) => _environment[variable] = value;

    /// <summary>A script in the home.</summary>
    public string Script(string name, string text)
    {
        string path = Path.Combine(Home, name);
        File.WriteAllText(path, text);
        return path;
    }

    public async Task<ProcessResult> RunAsync(params string[] arguments)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeLimit);
        await RepositoryTools.RestoreAsync();
        _environment.TryAdd("NUGET_PACKAGES", RepositoryTools.PowerShell.PackagesPath);
        ProcessStartInfo start = new(PowerShellTool.DotnetPath, [Assembly, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Home,
        };
        foreach ((string name, string? value) in _environment)
        {
            start.Environment[name] = value;
        }

        using Process process = Process.Start(start)!;
        using CancellationTokenRegistration kill = limit.Token.Register(() => process.Kill(entireProcessTree: true));
        process.StandardInput.Close();
        Task<string> error = process.StandardError.ReadToEndAsync(CancellationToken.None);
        string output = await process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        await process.WaitForExitAsync(CancellationToken.None);
        limit.Token.ThrowIfCancellationRequested();
        return new ProcessResult(process.ExitCode, output.ReplaceLineEndings("\n"), (await error).ReplaceLineEndings("\n"));
    }

    public void Dispose()
    {
        Directory.Delete(Home, recursive: true);
        Directory.Delete(Temp, recursive: true);
    }

    /// <summary>Built beside this test's own output, in the same configuration.</summary>
    private static string Assembly
    {
        get
        {
            DirectoryInfo own = new(AppContext.BaseDirectory);
            return Path.Combine(own.Parent!.Parent!.FullName, "ShakenFist.Blobs.Playground", own.Name, "ShakenFist.Blobs.Playground.dll");
        }
    }
}

/// <summary>What became of a process.</summary>
internal sealed record ProcessResult(int ExitCode, string Output, string Error);
