using System.Globalization;
using System.Management.Automation.Host;

namespace ShakenFist.Blobs.Tests.Hosting;

/// <summary>The kind of host of an engine.</summary>
internal sealed record HostOptions
{
    public CultureInfo Culture { get; init; } = CultureInfo.InvariantCulture;

    /// <summary>Whether the host has a user interface. Hosts of services have none.</summary>
    public bool HasInterface { get; init; } = true;

    /// <summary>Whether escape sequences are kept in the displayed text, as in a terminal.</summary>
    public bool IsTerminal { get; init; }
}

/// <summary>The host of the engine. It is a terminal of 80 columns that stores its text.</summary>
internal sealed class TestHost(HostOptions options) : PSHost
{
    public TestInterface Shown { get; } = new(options.IsTerminal);

    public override PSHostUserInterface UI => options.HasInterface ? Shown : null!;

    public override string Name => "ShakenFist.Blobs.Tests";

    public override Version Version { get; } = new(1, 0);

    public override Guid InstanceId { get; } = Guid.NewGuid();

    public override CultureInfo CurrentCulture => options.Culture;

    public override CultureInfo CurrentUICulture => options.Culture;

    public override void SetShouldExit(int exitCode)
    {
    }

    public override void EnterNestedPrompt() => throw new NotSupportedException();

    public override void ExitNestedPrompt() => throw new NotSupportedException();

    public override void NotifyBeginApplication()
    {
    }

    public override void NotifyEndApplication()
    {
    }
}
