using System.Diagnostics;
using ShakenFist.Blobs.Playground;
using ShakenFist.Blobs.Tests.Hosting;

namespace ShakenFist.Blobs.Tests.Playground;

/// <summary>Runs the built playground in a separate process, with an empty home directory and without the settings of the user.</summary>
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

    /// <summary>Sets an environment variable of the process. Null removes it.</summary>
    public void Set(string variable, string? value) => _environment[variable] = value;

    /// <summary>Creates a script in the home directory.</summary>
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

    /// <summary>The directory of the playground, next to the output of these tests, in the same configuration.</summary>
    private static string Assembly
    {
        get
        {
            DirectoryInfo own = new(AppContext.BaseDirectory);
            return Path.Combine(own.Parent!.Parent!.FullName, "ShakenFist.Blobs.Playground", own.Name, "ShakenFist.Blobs.Playground.dll");
        }
    }
}

/// <summary>The result of a process.</summary>
internal sealed record ProcessResult(int ExitCode, string Output, string Error);
