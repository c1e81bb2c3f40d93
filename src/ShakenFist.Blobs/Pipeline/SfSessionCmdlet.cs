using System.Management.Automation;
using ShakenFist.Blobs.Parameters;
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

    /// <summary>Gets the full paths of local files by -Path and -LiteralPath. A path that matches no file is reported.</summary>
    private protected IEnumerable<string> ResolveFiles(string[] paths, string[] literalPaths)
    {
        foreach ((string path, bool literal) in paths.Select(path => (path, false)).Concat(literalPaths.Select(path => (path, true))))
        {
            IEnumerable<string> files = [];
            try
            {
                files = LocalFiles.Resolve(SessionState, path, literal);
            }
            catch (SfException e)
            {
                WriteError(ErrorRecords.Of(e, path));
            }

            foreach (string file in files)
            {
                yield return file;
            }
        }
    }

    /// <summary>Gets the UUIDs of the blobs of this input. What is not the UUID of a blob is reported, and a reference to another object is skipped.</summary>
    private protected IEnumerable<Guid> ResolveUuids(IEnumerable<SfBlobIdentity> blobs) => Usable(blobs).Select(blob => blob.Uuid!.Value);

    /// <summary>Gets the blobs of this input that have a UUID. Other text is reported, and a reference to another object is skipped with a verbose message.</summary>
    private protected IEnumerable<SfBlobIdentity> Usable(IEnumerable<SfBlobIdentity> blobs)
    {
        foreach (SfBlobIdentity blob in blobs)
        {
            if (blob.Uuid is not null)
            {
                yield return blob;
            }
            else if (blob.RefersToOtherObject)
            {
                WriteVerbose("Skipped a reference to an object that is not a blob.");
            }
            else if (blob.Artifact is { } artifact)
            {
                WriteError(ErrorRecords.Of(new SfException(SfErrors.ArtifactVersionNotFound, $"The artifact '{ServerText.Clean(artifact.ToString(), 80)}' has no version (state {artifact.State})."), artifact));
            }
            else if (blob.Instance is { } instance)
            {
                WriteError(ErrorRecords.Of(new SfException(SfErrors.BlobUuidInvalid, $"Instance '{ServerText.Clean(instance.ToString(), 80)}' is not a blob. To get the blobs of its disks, run Get-SfBlob with -Instance."), instance.ToString()));
            }
            else
            {
                string text = ServerText.Clean(blob.ToString(), 80);
                WriteError(ErrorRecords.Of(new SfException(SfErrors.BlobUuidInvalid, $"'{text}' is not the UUID of a blob."), blob.ToString()));
            }
        }
    }
}
