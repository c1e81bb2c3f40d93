using System.Globalization;
using System.Management.Automation.Host;

namespace ShakenFist.Blobs.Playground.Host;

/// <summary>The embedded PowerShell's host: this process's console.</summary>
internal sealed class PlaygroundHost(PlaygroundUI ui) : PSHost
{
    private readonly CultureInfo _culture = CultureInfo.CurrentCulture;
    private readonly CultureInfo _uiCulture = CultureInfo.CurrentUICulture;

    public PlaygroundUI Console => ui;

    /// <summary>What <c>exit</c> asked for, or null.</summary>
    public int? ExitCode { get; private set; }

    public override string Name => "ShakenFist.Blobs.Playground";

    public override Version Version { get; } = Version.Parse(ModuleUnderHand.Version);

    public override Guid InstanceId { get; } = Guid.NewGuid();

    public override CultureInfo CurrentCulture => _culture;

    public override CultureInfo CurrentUICulture => _uiCulture;

    public override PSHostUserInterface UI => ui;

    public override void SetShouldExit(int exitCode) => ExitCode = exitCode;

    public override void EnterNestedPrompt() => throw new PSNotSupportedInPlaygroundException("A nested prompt");

    public override void ExitNestedPrompt() => throw new PSNotSupportedInPlaygroundException("A nested prompt");

    public override void NotifyBeginApplication()
    {
    }

    public override void NotifyEndApplication()
    {
    }
}
