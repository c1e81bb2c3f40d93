using System.Globalization;
using System.Management.Automation.Host;

namespace ShakenFist.Blobs.Tests.Hosting;

/// <summary>What kind of host an engine has.</summary>
internal sealed record HostOptions
{
    public CultureInfo Culture { get; init; } = CultureInfo.InvariantCulture;

    /// <summary>False: a host as services have it, without a user interface at all.</summary>
    public bool HasInterface { get; init; } = true;

    /// <summary>True: nothing is taken out of what is shown, so that a test sees what a terminal would get.</summary>
    public bool IsTerminal { get; init; }
}

/// <summary>The program around the engine, as a terminal of 80 columns that remembers what it was shown.</summary>
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
