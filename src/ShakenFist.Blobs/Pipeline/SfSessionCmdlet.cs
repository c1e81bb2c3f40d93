using System.Management.Automation;
using ShakenFist.Blobs.Sessions;

namespace ShakenFist.Blobs.Pipeline;

/// <summary>The base class of the cmdlets that connect to a cluster: with -Session, else the session of the runspace, else a session from the settings of the user.</summary>
public abstract class SfSessionCmdlet : SfCmdlet
{
    private SfSession? _resolved;

    /// <summary>
    /// Specifies the session, as returned by Connect-ShakenFist. By default, the session of the runspace is used. If there is none, a session is created from the
    /// SHAKENFIST_* environment variables or the configuration files of sf-client. Pass the session as $using:session to ForEach-Object -Parallel.
    /// </summary>
    [Parameter]
    [ValidateNotNull]
    public SfSession? Session { get; set; }

    /// <summary>Gets the session of this call.</summary>
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
                // The failure affects all inputs, so the command ends.
                ThrowTerminatingError(ErrorRecords.Of(e, target: null));
            }
        }

        return _resolved!;
    }

    /// <summary>Gets the blobs of this input. A reference to an object that is not a blob is skipped with a verbose message.</summary>
    private protected Guid[] ResolveUuids(Guid[] uuids)
    {
        if (uuids.Length == 0)
        {
            WriteVerbose("Skipped a reference to an object that is not a blob.");
        }

        return uuids;
    }
}
