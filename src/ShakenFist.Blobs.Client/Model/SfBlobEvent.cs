namespace ShakenFist.Blobs;

/// <summary>Something that happened to a blob, as the cluster's event log has it.</summary>
public sealed record SfBlobEvent
{
    /// <summary>UUID of the blob.</summary>
    public Guid BlobUuid { get; init; }

    /// <summary>When it happened, UTC.</summary>
    public DateTime? Time { get; init; }

    /// <summary>The server's word for the kind of event, such as audit, mutate or status.</summary>
    public string? Type { get; init; }

    /// <summary>The node it happened on.</summary>
    public string? Node { get; init; }

    /// <summary>What happened, in the server's words.</summary>
    public string? Message { get; init; }

    /// <summary>How long it took, where the server says.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>What else the server noted.</summary>
    public object? Extra { get; init; }
}
