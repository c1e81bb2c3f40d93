using System.Management.Automation;
using ShakenFist.Blobs.Pipeline;
using ShakenFist.Blobs.Sessions;

namespace ShakenFist.Blobs.Commands;

/// <summary>Gets the session of this runspace. Returns nothing if there is none.</summary>
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
