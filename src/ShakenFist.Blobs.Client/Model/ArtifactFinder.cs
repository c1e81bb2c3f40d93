namespace ShakenFist.Blobs.Model;

/// <summary>Finds artifacts by name, source URL, or UUID for the inputs of one command. The list is requested at most once, because it is slow on the server.</summary>
internal sealed class ArtifactFinder(SfSession session) : NameFinder<SfArtifact>
{
    protected override string Kind => "artifact";

    protected override SfError NotFound => SfErrors.ArtifactNotFound;

    protected override string OwnNamespace => session.Namespace;

    /// <summary>Gets one artifact by its UUID, also one that was deleted.</summary>
    /// <exception cref="SfException"><see cref="SfErrors.ArtifactNotFound"/>.</exception>
    public async Task<SfArtifact> GetAsync(Guid uuid, ISfLog log, CancellationToken cancellationToken)
    {
        SfArtifact? listed = session.ReturnsSharedArtifacts() ? null : (await ListAsync(log, cancellationToken).ConfigureAwait(false)).FirstOrDefault(artifact => artifact.Uuid == uuid);
        return listed ?? await session.GetArtifactAsync(uuid, log, cancellationToken).ConfigureAwait(false);
    }

    protected override IAsyncEnumerable<SfArtifact> RequestAsync(ISfLog log, CancellationToken cancellationToken) => session.ListArtifactsAsync(log, cancellationToken);

    /// <summary>An artifact that was published with a source URL of its publisher has a name that is not in the list.</summary>
    protected override Task<SfArtifact?> FindUnlistedAsync(string name, ISfLog log, CancellationToken cancellationToken) => session.FindArtifactByNameAsync(name, log, cancellationToken);

    protected override bool IsNamed(SfArtifact artifact, string text) => artifact.Name == text || artifact.SourceUrl == text;

    protected override string? NamespaceOf(SfArtifact artifact) => artifact.Namespace;

    protected override Guid UuidOf(SfArtifact artifact) => artifact.Uuid;

    // A publish that failed leaves an artifact without versions.
    protected override bool IsUsable(SfArtifact artifact) => artifact.BlobUuid is not null;

    protected override string Describe(SfArtifact artifact) => $"{artifact.Type} {artifact.Uuid:D} in namespace '{artifact.Namespace}'";
}
