namespace ShakenFist.Blobs;

/// <summary>The result of publishing a file: the version that is current now, and what was transferred.</summary>
public sealed record SfArtifactPublishResult
{
    /// <summary>Gets the artifact after the file was published.</summary>
    public SfArtifact? Artifact { get; init; }

    /// <summary>Gets the number of the version with the content of the file.</summary>
    public long? Version { get; init; }

    /// <summary>Gets the UUID of the blob of that version.</summary>
    public Guid BlobUuid { get; init; }

    /// <summary>Gets the full path of the file.</summary>
    public string? Path { get; init; }

    /// <summary>Gets the length of the file in bytes.</summary>
    public long Size { get; init; }

    /// <summary>Gets the SHA-512 hash of the file, which the cluster published for the blob.</summary>
    public string? Hash { get; init; }

    /// <summary>Gets the outcome.</summary>
    public SfArtifactPublishStatus Status { get; init; }

    /// <summary>Gets the number of bytes that were sent, including those that were sent again.</summary>
    public long BytesSent { get; init; }

    /// <summary>Gets the number of bytes that were sent more than once in this run.</summary>
    public long BytesRepeated { get; init; }

    /// <summary>Gets the number of times that the upload continued after a failed request, or after an earlier run.</summary>
    public int ResumeCount { get; init; }

    /// <summary>Gets the time from the start to the confirmation of the version.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>Gets the average rate over that time, in bytes per second.</summary>
    public double BytesPerSecond => Duration > TimeSpan.Zero ? BytesSent / Duration.TotalSeconds : 0;

    /// <summary>Gets the version that the cluster deleted, because the artifact had the maximum number of versions. Null if none was deleted.</summary>
    public SfArtifactVersion? DeletedVersion { get; init; }

    /// <summary>Gets the request IDs of requests that failed, to search for in the cluster logs.</summary>
    public string[] FailedRequestIds { get; init; } = [];
}

/// <summary>The outcome of publishing a file.</summary>
public enum SfArtifactPublishStatus
{
    /// <summary>Nothing has been published: the value of an empty record. No command outputs it.</summary>
    NotPublished,

    /// <summary>The newest version already had the content of the file.</summary>
    Unchanged,

    /// <summary>The cluster already had a blob with the content of the file. It became the newest version, and no data was sent.</summary>
    Deduplicated,

    /// <summary>The file was sent and became the newest version.</summary>
    Published,
}
