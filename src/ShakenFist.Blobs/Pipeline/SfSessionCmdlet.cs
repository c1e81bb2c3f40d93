using System.Management.Automation;
using ShakenFist.Blobs.Sessions;

namespace ShakenFist.Blobs.Pipeline;

/// <summary>A cmdlet that talks to a cluster: by -Session, else by the runspace's session, else by one made from the user's settings.</summary>
public abstract class SfSessionCmdlet : SfCmdlet
{
    private SfSession? _resolved;

    /// <summary>
    /// The session to use, as Connect-SfCluster returns it. Without it, the runspace's own session is used, and where there is none yet, one is made from the
    /// environment's SHAKENFIST_* variables or sf-client's configuration files. Pass it as $using:session into ForEach-Object -Parallel.
    /// </summary>
    [Parameter]
    [ValidateNotNull]
    public SfSession? Session { get; set; }

    /// <summary>The session of this call.</summary>
    private protected SfSession ResolveSession()
    {
        if (_resolved is not null)
        {
            return _resolved;
        }

        _resolved = Session ?? RunspaceSessions.Current;
        _resolved?.BeginCommand();
        if (_resolved is null)
        {
            try
            {
                _resolved = Connect(apiUrl: null, @namespace: null, key: null, new SfTransportOptions(), announce: true);
            }
            catch (SfException e)
            {
                // No later input could do better.
                ThrowTerminatingError(ErrorRecords.Of(e, target: null));
            }
        }

        return _resolved!;
    }

    /// <summary>The blobs that this input names. A reference to something else than a blob names none, which is worth a word.</summary>
    private protected Guid[] Named(Guid[] uuids)
    {
        if (uuids.Length == 0)
        {
            WriteVerbose("This input refers to something that is not a blob: passed over.");
        }

        return uuids;
    }
}
