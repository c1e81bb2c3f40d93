using System.Management.Automation;
using ShakenFist.Blobs.Pipeline;
using ShakenFist.Blobs.Sessions;

namespace ShakenFist.Blobs.Commands;

/// <summary>Closes a session and its connections.</summary>
[Cmdlet(VerbsCommunications.Disconnect, "ShakenFist")]
[OutputType(typeof(void))]
public sealed class DisconnectShakenFistCommand : SfCmdlet
{
    /// <summary>Specifies the session. The default is the session of the runspace.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [ValidateNotNull]
    public SfSession? Session { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        SfSession? session = Session ?? RunspaceSessions.Current;
        if (session is null)
        {
            WriteVerbose("There is no session to close.");
            return;
        }

        session.Dispose();
        if (session == RunspaceSessions.Current)
        {
            RunspaceSessions.Current = null;
        }
    }
}
