using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Reflection;

namespace ShakenFist.Blobs.Benchmarks;

/// <summary>A PowerShell engine for measurements.</summary>
internal sealed class Engine : IDisposable
{
    private readonly Runspace _runspace = RunspaceFactory.CreateRunspace(InitialSessionState.CreateDefault2());

    public Engine()
    {
        _runspace.Open();
        this["manifest"] = Manifest;
    }

    /// <summary>The manifest of the built module.</summary>
    public static string Manifest { get; } = Path.Combine(
        typeof(Engine).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "ModuleLayout").Value!, "ShakenFist.Blobs.psd1");

    public object this[string variable]
    {
        set => _runspace.SessionStateProxy.SetVariable(variable, value);
    }

    public IReadOnlyList<PSObject> Run(string script)
    {
        using PowerShell shell = PowerShell.Create(_runspace).AddScript("$ErrorActionPreference = 'Stop'\n" + script);
        return [.. shell.Invoke()];
    }

    /// <summary>Connects to a server, or to the proxy in front of it.</summary>
    public void Connect(Server server, string? url = null)
    {
        this["url"] = url ?? server.Url;
        this["key"] = server.Key;
        _ = Run("Import-Module $manifest; $secret = [Security.SecureString]::new(); $key.ToCharArray() | ForEach-Object { $secret.AppendChar($_) }; $null = Connect-ShakenFist $url -Namespace system -Key $secret");
    }

    public void Dispose() => _runspace.Dispose();
}
