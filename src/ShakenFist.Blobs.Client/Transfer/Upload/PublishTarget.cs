namespace ShakenFist.Blobs.Transfer;

/// <summary>The artifact that gets a new version, as it was before, and the staging artifacts of the namespace.</summary>
internal sealed class PublishTarget
{
    /// <summary>The beginning of the names of staging artifacts. The rest is the beginning of a hash.</summary>
    public const string StagingPrefix = "sf-staging-";

    private const int StagingDigits = 32;

    private readonly SfSession _session;
    private readonly SfArtifactPublishOptions _options;
    private readonly SfArtifact[] _matches;
    private readonly SfArtifact[] _staging;

    private PublishTarget(SfSession session, SfArtifactPublishOptions options, SfArtifact[] matches, SfArtifact[] staging)
    {
        _session = session;
        _options = options;
        _matches = matches;
        _staging = staging;
    }

    /// <summary>The artifact. Null if there is none.</summary>
    public SfArtifact? Artifact => _matches.FirstOrDefault();

    /// <summary>The number of its newest version. 0 if there is none.</summary>
    public long NewestIndex => Artifact?.Versions.Select(version => version.Index).DefaultIfEmpty().Max() ?? 0;

    /// <summary>The number of artifacts with the same name, type, and namespace.</summary>
    public int Count => _matches.Length;

    /// <summary>The version that the next one pushes out. Null if there is none.</summary>
    public SfArtifactVersion? NextDeletedVersion =>
        Artifact is { MaxVersions: > 0 and var max, Versions: { Length: > 0 } versions } && versions.Length >= max ? versions.MinBy(version => version.Index) : null;

    /// <summary>Reads the artifacts.</summary>
    public static async Task<PublishTarget> ReadAsync(SfSession session, SfArtifactPublishOptions options, ISfLog log, CancellationToken cancellationToken)
    {
        string space = options.Namespace ?? session.Namespace;
        string url = options.SourceUrl ?? $"sf://upload/{session.Namespace}/{options.Name}";
        List<SfArtifact> matches = [];
        List<SfArtifact> staging = [];
        await foreach (SfArtifact artifact in session.ListArtifactsAsync(log, cancellationToken).ConfigureAwait(false))
        {
            // Without a namespace, the server uses any artifact of this URL that the caller can use, also one in another namespace.
            bool isCandidate = options.Namespace is null || artifact.Namespace == space || artifact.Shared == true;
            if (artifact.Type == options.Type && artifact.SourceUrl == url && artifact.State != "deleted" && isCandidate)
            {
                matches.Add(artifact);
            }
            else if (IsStaging(artifact) && artifact.Namespace == session.Namespace)
            {
                staging.Add(artifact);
            }
        }

        return new PublishTarget(session, options, [.. matches.OrderByDescending(artifact => artifact.Namespace == space)], [.. staging]);
    }

    /// <summary>Whether an artifact was created to verify an upload before it is published.</summary>
    public static bool IsStaging(SfArtifact artifact) => artifact is { Type: ArtifactTypes.Other, Name: { } name } && name.StartsWith(StagingPrefix, StringComparison.Ordinal);

    public static string StagingName(string sha512) => StagingPrefix + sha512[..StagingDigits];

    /// <summary>Checks the name of the artifact.</summary>
    /// <exception cref="SfException"><see cref="SfErrors.ArtifactNameInvalid"/> if the cluster cannot store or find the name, or if it is reserved.</exception>
    public static void CheckName(string name)
    {
        string? reason = name.Length == 0 ? "is empty"
            : name.Contains('/', StringComparison.Ordinal) ? "contains a slash"
            : name is "." or ".." ? "is a directory name"
            : Guid.TryParse(name, out _) ? "looks like a UUID, so the cluster could not find the artifact by its name"
            : name.StartsWith(StagingPrefix, StringComparison.Ordinal) ? "is reserved for uploads that are not verified yet"
            : !Http.Routes.IsPathKey(name) ? "is too long or contains characters that cannot be sent"
            : null;
        if (reason is not null)
        {
            throw new SfException(SfErrors.ArtifactNameInvalid, $"'{ServerText.Clean(name, 100)}' cannot be the name of an artifact: it {reason}.");
        }
    }

    /// <summary>Checks that one artifact at most has the name.</summary>
    /// <exception cref="SfException"><see cref="SfErrors.NameAmbiguous"/>.</exception>
    public PublishTarget EnsureUnambiguous() => Count <= 1 || _matches[0].Namespace != _matches[1].Namespace
        ? this
        : throw new SfException(SfErrors.NameAmbiguous, $"Cannot publish: {Count} artifacts of type {_options.Type} have the name '{ServerText.Clean(_options.Name, 100)}': {Describe()}. Remove all but one.");

    /// <summary>Gets the artifact of which a blob is a version with a higher number. Null if there is none.</summary>
    public SfArtifact? WithVersion(Guid blob, long after) =>
        Array.Find(_matches, artifact => artifact.Versions.Any(version => version.BlobUuid == blob && version.Index > after));

    /// <summary>Lists the UUIDs of the artifacts.</summary>
    public string Describe() => string.Join(", ", _matches.Select(artifact => artifact.Uuid.ToString("D")));

    /// <summary>Describes what publishing will do.</summary>
    public SfArtifactPublishPlan Plan(long size) => new()
    {
        Artifact = Artifact,
        DeletedVersion = NextDeletedVersion,
        Namespace = Artifact?.Namespace ?? _options.Namespace ?? _session.Namespace,
        Shared = Artifact?.Shared ?? _options.Shared,
        Size = size,
    };

    /// <summary>The request that makes a blob the newest version.</summary>
    public PublishRequest RequestFor(Guid blob) => new(_options.Name, blob, IsUpload: false)
    {
        Type = _options.Type,
        SourceUrl = _options.SourceUrl,
        Namespace = _options.Namespace,
        Shared = _options.Shared,
    };

    /// <summary>The request that publishes an upload under its staging name: in the own namespace, not shared.</summary>
    public static PublishRequest StagingRequest(string sha512, Guid upload) => new(StagingName(sha512), upload, IsUpload: true) { Type = ArtifactTypes.Other };

    /// <summary>Gets the staging artifact of a hash that existed before. Null if there was none.</summary>
    public SfArtifact? StagingOf(string sha512) => Array.Find(_staging, artifact => artifact.Name == StagingName(sha512));

    /// <summary>Creates the result from the artifact as it is now.</summary>
    public SfArtifactPublishResult Result(SfArtifact now, Guid blob, string sha512, SfArtifactPublishStatus status)
    {
        SfArtifactVersion? deleted = status == SfArtifactPublishStatus.Unchanged ? null
            : Artifact?.Versions.Where(before => now.Versions.All(version => version.Index != before.Index)).MinBy(version => version.Index);
        return new SfArtifactPublishResult
        {
            Artifact = now with { Name = now.Name ?? _options.Name },
            Version = now.Versions.LastOrDefault(version => version.BlobUuid == blob)?.Index,
            BlobUuid = blob,
            Hash = sha512,
            Status = status,
            DeletedVersion = deleted,
        };
    }
}
