using System.Management.Automation;
using ShakenFist.Blobs.Pipeline;

namespace ShakenFist.Blobs.Commands;

/// <summary>Removes versions of artifacts, or whole artifacts.</summary>
[Cmdlet(VerbsCommon.Remove, "SfArtifact", DefaultParameterSetName = AllSet, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(void))]
public sealed class RemoveSfArtifactCommand : SfArtifactCmdlet
{
    private const string AllSet = "All";
    private const string VersionSet = "Version";
    private const string KeepNewestSet = "KeepNewest";

    private readonly HashSet<(Guid Artifact, long Version)> _removed = [];

    /// <summary>Specifies the numbers of the versions to remove.</summary>
    [Parameter(ParameterSetName = VersionSet, Mandatory = true)]
    [ValidateRange(1, long.MaxValue)]
    public long[] Version { get; set; } = [];

    /// <summary>Removes all versions except for this number of newest ones.</summary>
    [Parameter(ParameterSetName = KeepNewestSet, Mandatory = true)]
    [ValidateRange(1, int.MaxValue)]
    public int KeepNewest { get; set; }

    /// <summary>Removes the whole artifact with all of its versions. Without -Force, this is an error.</summary>
    [Parameter(ParameterSetName = AllSet)]
    [Parameter(ParameterSetName = VersionSet)]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        bool force = Force || IsWhatIf;
        ForEachArtifact((session, artifact, sink, stop) => ParameterSetName switch
        {
            VersionSet => RemoveVersionsAsync(session, artifact, Select(artifact, sink), force, sink, stop),
            KeepNewestSet => RemoveVersionsAsync(session, artifact, [.. artifact.Versions.SkipLast(KeepNewest)], force, sink, stop),
            _ => RemoveAllAsync(session, artifact, force, sink, stop),
        });
    }

    /// <summary>Gets the specified versions. Each one that the artifact does not have is reported.</summary>
    private SfArtifactVersion[] Select(SfArtifact artifact, PipelineSink sink)
    {
        foreach (long missing in Version.Distinct().Where(number => !Array.Exists(artifact.Versions, version => version.Index == number)))
        {
            sink.Error(new SfException(SfErrors.ArtifactVersionNotFound, $"{Describe(artifact)} has no version {missing}. Its versions: {string.Join(", ", artifact.Versions.Select(version => version.Index))}."), artifact.Uuid);
        }

        return Array.FindAll(artifact.Versions, version => Version.Contains(version.Index));
    }

    private async Task RemoveVersionsAsync(SfSession session, SfArtifact artifact, SfArtifactVersion[] versions, bool force, PipelineSink sink, CancellationToken stop)
    {
        if (versions.Length > 0 && versions.Length == artifact.Versions.Length && !force)
        {
            throw new SfException(SfErrors.ForceRequired, $"No version of {Describe(artifact)} was removed. Without these versions, the cluster deletes the artifact: {List(versions)}.");
        }

        foreach (SfArtifactVersion version in versions.Where(version => !_removed.Contains((artifact.Uuid, version.Index))))
        {
            if (!await sink.ShouldProcessAsync(Describe(artifact), $"Remove {Describe(version)}").ConfigureAwait(false))
            {
                continue;
            }

            _removed.Add((artifact.Uuid, version.Index));
            try
            {
                await session.RemoveArtifactVersionAsync(artifact.Uuid, version.Index, allowLast: force, sink, stop).ConfigureAwait(false);
                sink.Verbose($"{Describe(artifact)}: {Describe(version)} was removed.");
            }
            catch (SfException e)
            {
                sink.Error(e, artifact.Uuid);
            }
        }
    }

    private static async Task RemoveAllAsync(SfSession session, SfArtifact artifact, bool force, PipelineSink sink, CancellationToken stop)
    {
        string versions = artifact.Versions.Length == 0 ? "which has no versions" : $"with {List(artifact.Versions)}";
        if (!force)
        {
            throw new SfException(SfErrors.ForceRequired, $"{Describe(artifact)} was not removed, {versions}.");
        }

        if (await sink.ShouldProcessAsync(Describe(artifact), $"Remove the artifact, {versions}").ConfigureAwait(false))
        {
            await session.RemoveArtifactAsync(artifact.Uuid, sink, stop).ConfigureAwait(false);
            sink.Verbose($"{Describe(artifact)} was removed, {versions}.");
        }
    }

    private static string List(IEnumerable<SfArtifactVersion> versions) => string.Join(", ", versions.Select(Describe));
}
