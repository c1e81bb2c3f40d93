using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs;

/// <summary>Options for publishing a file as the newest version of an artifact.</summary>
public sealed record SfArtifactPublishOptions
{
    /// <summary>The name of the artifact.</summary>
    public required string Name { get; init; }

    /// <summary>The type of the artifact: image or other.</summary>
    public string Type { get; init; } = ArtifactTypes.Image;

    /// <summary>Whether all namespaces can use a new artifact. Requires the system namespace.</summary>
    public bool Shared { get; init; }

    /// <summary>The namespace of a new artifact. Null for that of the session.</summary>
    public string? Namespace { get; init; }

    /// <summary>The source URL, which identifies the artifact instead of its name. Null for the URL that the server derives from the name.</summary>
    public string? SourceUrl { get; init; }

    /// <summary>Metadata for the blob, by key.</summary>
    public IReadOnlyDictionary<string, object?> Metadata { get; init; } = new Dictionary<string, object?>();

    /// <summary>Whether metadata is also written to a blob that other objects use.</summary>
    public bool Force { get; init; }

    /// <summary>Whether the file is sent even if the cluster has a blob with the same content. Then the file is hashed while it is sent.</summary>
    public bool NoDeduplication { get; init; }

    /// <summary>Limits of the bandwidth, shared with other transfers. Null for no limit.</summary>
    public SfTransferLimits? Limits { get; init; }

    /// <summary>Cancels the operation when a time limit is reached. It ends with <see cref="SfErrors.TimeLimitReached"/>, and the upload can be resumed.</summary>
    public CancellationToken TimeLimit { get; init; }

    /// <summary>How long an upload continues without sending at least 1 MiB, or what is left if that is less, and how long other requests are retried.</summary>
    public TimeSpan RetryTimeout { get; init; } = SfBlobSaveOptions.DefaultRetryTimeout;

    /// <summary>The directory of the journals. Null for that of the user.</summary>
    internal string? StateDirectory { get; init; }

    /// <summary>Receives the progress. Null if it is not shown.</summary>
    internal DownloadProgress? Progress { get; init; }
}

/// <summary>The effects of publishing a file, before anything is sent.</summary>
public sealed record SfArtifactPublishPlan
{
    /// <summary>Gets the artifact that gets a new version. Null if a new artifact is created.</summary>
    public SfArtifact? Artifact { get; init; }

    /// <summary>Gets the version that the cluster deletes, because the artifact has the maximum number of versions. Null if none is deleted.</summary>
    public SfArtifactVersion? DeletedVersion { get; init; }

    /// <summary>Gets the namespace of the artifact.</summary>
    public required string Namespace { get; init; }

    /// <summary>Gets whether all namespaces can use the artifact.</summary>
    public bool Shared { get; init; }

    /// <summary>Gets the length of the file in bytes.</summary>
    public long Size { get; init; }
}

/// <summary>The artifact types that can be published.</summary>
internal static class ArtifactTypes
{
    public const string Image = "image";
    public const string Other = "other";
}
