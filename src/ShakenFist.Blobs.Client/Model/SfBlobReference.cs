namespace ShakenFist.Blobs;

/// <summary>One row of <c>references_to</c> or <c>references_from</c>: one object refers to another, and one of the two is the blob that was asked about.</summary>
public sealed record SfBlobReference
{
    /// <summary>UUID of the blob that was asked about.</summary>
    public Guid BlobUuid { get; init; }

    /// <summary>UsedBy where the other object refers to the blob, Uses where the blob refers to the other.</summary>
    public SfReferenceDirection Direction { get; init; }

    /// <summary>Type of the object at the other end: instance, artifact, blob, node, agentoperation.</summary>
    public string? OtherType => Direction == SfReferenceDirection.UsedBy ? SourceObjectType : TargetObjectType;

    /// <summary>UUID of the object at the other end; a node's is its name.</summary>
    public string? OtherUuid => Direction == SfReferenceDirection.UsedBy ? SourceUuid : TargetUuid;

    /// <summary>Whether the row was put together from other fields of the blob, since the server is of a time before references.</summary>
    public bool IsDerived { get; init; }

    /// <summary>Type of the object that holds the reference: instance, artifact, blob, node, agentoperation.</summary>
    public string? SourceObjectType { get; init; }

    /// <summary>UUID of the object that holds the reference; a node's is its name.</summary>
    public string? SourceUuid { get; init; }

    /// <summary>The server's word for the relationship: disk, nvram_template, artifact_index, depends_on, transcode, agent_output, blob_location, or a newer one.</summary>
    public string? Relationship { get; init; }

    /// <summary>What the relationship says further, such as the disk's index or the transcode's style.</summary>
    public string? RelationshipValue { get; init; }

    /// <summary>Type of the object referred to.</summary>
    public string? TargetObjectType { get; init; }

    /// <summary>UUID of the object referred to.</summary>
    public string? TargetUuid { get; init; }

    /// <summary>When the reference was made, UTC.</summary>
    public DateTime? Created { get; init; }

    /// <summary>When the reference was last seen to be valid, UTC.</summary>
    public DateTime? LastActive { get; init; }

    /// <summary>What else the server sent in this row, under its names.</summary>
    public SfDictionary<object?> AdditionalProperties { get; init; } = [];
}
