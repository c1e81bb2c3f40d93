using System.Management.Automation;
using ShakenFist.Blobs.Pipeline;
using ShakenFist.Blobs.Sessions;

namespace ShakenFist.Blobs.Commands;

/// <summary>Gets the session that this runspace's commands use, or nothing where there is none yet.</summary>
[Cmdlet(VerbsCommon.Get, "SfSession")]
[OutputType(typeof(SfSession))]
public sealed class GetSfSessionCommand : SfCmdlet
{
    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (RunspaceSessions.Current is { } session)
        {
            WriteObject(session);
        }
    }
}
