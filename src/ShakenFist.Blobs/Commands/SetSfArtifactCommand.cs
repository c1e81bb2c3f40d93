using System.Management.Automation;
using ShakenFist.Blobs.Pipeline;

namespace ShakenFist.Blobs.Commands;

/// <summary>Changes how many versions of artifacts the cluster keeps.</summary>
[Cmdlet(VerbsCommon.Set, "SfArtifact", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(SfArtifact))]
public sealed class SetSfArtifactCommand : SfArtifactCmdlet
{
    /// <summary>Specifies the number of versions that the cluster keeps, or 0 for all. The cluster deletes the oldest versions that exceed it immediately.</summary>
    [Parameter(Mandatory = true)]
    [ValidateRange(0, int.MaxValue)]
    public int MaxVersions { get; set; }

    /// <summary>Returns the changed artifacts.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => ForEachArtifact(async (session, artifact, sink, stop) =>
    {
        SfArtifactVersion[] surplus = MaxVersions == 0 ? [] : [.. artifact.Versions.SkipLast(MaxVersions)];
        SfArtifact result = artifact;
        if (artifact.MaxVersions == MaxVersions && surplus.Length == 0)
        {
            sink.Verbose($"{Describe(artifact)} already has the maximum of {MaxVersions} versions and was not changed.");
        }
        else
        {
            string action = $"Change the maximum number of versions from {artifact.MaxVersions} to {MaxVersions}";
            if (!await sink.ShouldProcessAsync(Describe(artifact), surplus.Length == 0 ? action : $"{action}, and delete {string.Join(", ", surplus.Select(Describe))}").ConfigureAwait(false))
            {
                return;
            }

            await session.SetArtifactMaxVersionsAsync(artifact.Uuid, MaxVersions, sink, stop).ConfigureAwait(false);
            result = PassThru ? await session.GetCurrentArtifactAsync(artifact.Uuid, sink, stop).ConfigureAwait(false) with { Name = artifact.Name } : artifact;
        }

        if (PassThru)
        {
            await sink.WriteObjectAsync(result).ConfigureAwait(false);
        }
    });
}
