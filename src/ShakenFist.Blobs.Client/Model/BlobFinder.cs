namespace ShakenFist.Blobs.Model;

/// <summary>Finds the blobs of artifacts and instances for the inputs of one command. A result has only the UUID of a blob and its origin, because each blob is requested separately.</summary>
internal sealed class BlobFinder(SfSession session)
{
    private readonly ArtifactFinder _artifacts = new(session);
    private readonly InstanceFinder _instances = new(session);

    /// <summary>Gets the artifact with this UUID, or the one with this name.</summary>
    public Task<SfArtifact> FindArtifactAsync(Guid? uuid, string? name, ISfLog log, CancellationToken cancellationToken) =>
        uuid is { } known ? _artifacts.GetAsync(known, log, cancellationToken) : _artifacts.FindOneAsync(name!, log, cancellationToken);

    /// <summary>Gets the instance with this UUID, or the one with this name.</summary>
    public Task<SfInstance> FindInstanceAsync(Guid? uuid, string? name, ISfLog log, CancellationToken cancellationToken) =>
        uuid is { } known ? session.GetInstanceAsync(known, log, cancellationToken) : _instances.FindOneAsync(name!, log, cancellationToken);

    /// <summary>Gets the newest version of an artifact, one version, or all of them.</summary>
    /// <exception cref="SfException"><see cref="SfErrors.ArtifactVersionNotFound"/>.</exception>
    public static IReadOnlyList<SfBlob> VersionsOf(SfArtifact artifact, long? number, bool all)
    {
        string name = ServerText.Clean(artifact.ToString(), 100);
        if (artifact.BlobUuid is not { } newest)
        {
            throw new SfException(SfErrors.ArtifactVersionNotFound, $"The artifact '{name}' has no version (state {artifact.State}).");
        }

        if (!all && number is null)
        {
            return [Of(artifact, newest)];
        }

        SfArtifactVersion[] versions = number is null ? artifact.Versions : Array.FindAll(artifact.Versions, version => version.Index == number);
        return versions.Length > 0
            ? [.. versions.Select(version => Of(artifact, version.BlobUuid) with { Version = version.Index })]
            : throw new SfException(SfErrors.ArtifactVersionNotFound, number is null
                ? $"The records of all versions of the artifact '{name}' were removed."
                : $"The artifact '{name}' has no version {number}. Its versions: {string.Join(", ", artifact.Versions.Select(version => version.Index))}.");
    }

    /// <summary>Gets the blobs that the disks of an instance were created from. Disks that were created empty are skipped.</summary>
    /// <param name="instance">The instance.</param>
    /// <param name="isSelected">Selects devices. Null for all.</param>
    /// <param name="log">Receives a line for each disk that is skipped.</param>
    /// <exception cref="SfException"><see cref="SfErrors.DiskNotFound"/> if devices were selected, and none has a blob.</exception>
    public static IReadOnlyList<SfBlob> DisksOf(SfInstance instance, Func<string?, bool>? isSelected, ISfLog log)
    {
        List<SfBlob> found = [];
        foreach (SfInstanceDisk disk in instance.Disks.Where(disk => isSelected is null || isSelected(disk.Device)))
        {
            if (disk.BlobUuid is { } blob)
            {
                found.Add(new SfBlob { Uuid = blob, Instance = instance.ToString(), Disk = disk.Device });
            }
            else
            {
                log.Verbose($"Disk {disk.Device} of instance '{ServerText.Clean(instance.ToString(), 100)}' was not created from a blob.");
            }
        }

        return found.Count > 0 || isSelected is null
            ? found
            : throw new SfException(SfErrors.DiskNotFound,
                $"No selected disk of instance '{ServerText.Clean(instance.ToString(), 100)}' was created from a blob. Its disks: {List(instance.Disks.Select(disk => disk.Device))}.");
    }

    /// <summary>Gets the newest snapshot of each disk of an instance, or all snapshots.</summary>
    /// <exception cref="SfException"><see cref="SfErrors.ArtifactNotFound"/> if there is none.</exception>
    public async Task<IReadOnlyList<SfBlob>> SnapshotsOfAsync(SfInstance instance, Func<string?, bool>? isSelected, bool all, ISfLog log, CancellationToken cancellationToken)
    {
        string prefix = ArtifactName.SnapshotUrl(instance.Uuid);
        List<SfBlob> found = [];
        foreach (SfArtifact artifact in await _artifacts.ListAsync(log, cancellationToken).ConfigureAwait(false))
        {
            // The job that makes a snapshot can still be running, so an artifact without a version is not an error.
            if (artifact is { Type: "snapshot", BlobUuid: not null, SourceUrl: { } url } && url.StartsWith(prefix, StringComparison.Ordinal) && url[prefix.Length..] is var device && (isSelected is null || isSelected(device)))
            {
                found.AddRange(VersionsOf(artifact, number: null, all).Select(blob => blob with { Instance = instance.ToString(), Disk = device }));
            }
        }

        return found.Count > 0
            ? [.. found.OrderBy(blob => blob.Disk, StringComparer.Ordinal).ThenBy(blob => blob.Version)]
            : throw new SfException(SfErrors.ArtifactNotFound,
                $"Instance '{ServerText.Clean(instance.ToString(), 100)}' has no snapshot{(isSelected is null ? string.Empty : " of a selected disk")} that namespace '{session.Namespace}' can use.");
    }

    private static SfBlob Of(SfArtifact artifact, Guid blob) =>
        new() { Uuid = blob, Artifact = artifact.ToString(), Version = artifact.Versions.LastOrDefault(version => version.BlobUuid == blob)?.Index };

    private static string List(IEnumerable<string?> names) => string.Join(", ", names) is { Length: > 0 } text ? text : "none";
}
