using System.Management.Automation;
using System.Management.Automation.Runspaces;

namespace ShakenFist.Blobs.Tests.Hosting;

/// <summary>A runspace of the real engine that has imported the built module by its manifest.</summary>
internal sealed class Engine : IDisposable
{
    private static readonly TimeSpan DefaultLimit = TimeSpan.FromSeconds(30);

    private readonly TestHost _host;
    private readonly Runspace _runspace;

    public Engine(HostOptions? options = null, bool import = true)
    {
        _host = new TestHost(options ?? new HostOptions());
        _runspace = RunspaceFactory.CreateRunspace(_host, InitialSessionState.CreateDefault2());
        _runspace.Open();
        this["manifest"] = ModuleUnderTest.Manifest;
        if (import)
        {
            _ = Run("Import-Module $manifest").Good;
        }
    }

    public TestInterface Shown => _host.Shown;

    /// <summary>A script variable.</summary>
    public object? this[string variable]
    {
        get => _runspace.SessionStateProxy.GetVariable(variable);
        set => _runspace.SessionStateProxy.SetVariable(variable, value);
    }

    /// <summary>The language mode of scripts and views.</summary>
    public PSLanguageMode LanguageMode
    {
        get => _runspace.SessionStateProxy.LanguageMode;
        set => _runspace.SessionStateProxy.LanguageMode = value;
    }

    /// <summary>Runs a script and waits until it ends.</summary>
    /// <exception cref="TimeoutException">The script exceeded its time limit.</exception>
    public EngineResult Run(string script, TimeSpan? limit = null)
    {
        using StoppableRun run = Start(script);
        return run.Wait(limit ?? DefaultLimit);
    }

    /// <summary>Starts a script that the test will stop.</summary>
    public StoppableRun Start(string script) => new(_runspace, _host, script);

    public void Dispose() => _runspace.Dispose();
}
