using System.Management.Automation;
using ShakenFist.Blobs.Model;
using ShakenFist.Blobs.Parameters;

namespace ShakenFist.Blobs.Pipeline;

/// <summary>The base class of the cmdlets that change artifacts, which are specified by name, UUID, or as objects. They are processed one after the other.</summary>
public abstract class SfArtifactCmdlet : SfSessionCmdlet
{
    private ArtifactFinder? _finder;

    /// <summary>Specifies the artifacts. Pass names or source URLs in the own namespace, UUIDs, or artifacts. Several artifacts with one name are an error.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [Alias("Name")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ArtifactNameCompleter))]
    public SfArtifactIdentity[] Artifact { get; set; } = [];

    /// <summary>Processes each artifact of this input, with its current record.</summary>
    private protected void ForEachArtifact(Func<SfSession, SfArtifact, PipelineSink, CancellationToken, Task> work)
    {
        SfSession session = ResolveSession();
        ArtifactFinder finder = _finder ??= new ArtifactFinder(session);
        foreach (SfArtifactIdentity identity in Artifact)
        {
            RunFor(identity.Uuid is { } known ? known : identity.Text, async (sink, stop) =>
            {
                // The passed object and the list can be old, and the deletion of a version that no longer exists is not harmless.
                Guid uuid = identity.Uuid ?? (await finder.FindOwnAsync(identity.Text!, sink, stop).ConfigureAwait(false)).Uuid;
                SfArtifact current = await session.GetCurrentArtifactAsync(uuid, sink, stop).ConfigureAwait(false);
                await work(session, current with { Name = NameOf(identity) ?? current.Name }, sink, stop).ConfigureAwait(false);
            });
        }
    }

    /// <summary>Describes an artifact for a prompt or a message.</summary>
    private protected static string Describe(SfArtifact artifact) => $"Artifact '{ServerText.Clean(artifact.ToString(), 100)}' ({artifact.Uuid:D})";

    /// <summary>Describes a version, and what becomes of its blob.</summary>
    private protected static string Describe(SfArtifactVersion version) =>
        $"version {version.Index} (blob {version.BlobUuid:D}, {SfFormat.Size(version.Size)}{(version.ReferenceCount > 1 ? ", which others use and which is kept" : string.Empty)})";

    private static string? NameOf(SfArtifactIdentity identity) => identity.Artifact is { } artifact ? artifact.Name : identity.Uuid is null ? identity.Text : null;
}
