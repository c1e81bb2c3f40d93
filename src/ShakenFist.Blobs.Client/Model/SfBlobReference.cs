namespace ShakenFist.Blobs;

/// <summary>One row of <c>references_to</c> or <c>references_from</c>: a reference between the requested blob and another object.</summary>
public sealed record SfBlobReference
{
    /// <summary>Gets the UUID of the requested blob.</summary>
    public Guid BlobUuid { get; init; }

    /// <summary>Gets the direction: UsedBy if the other object uses the blob, Uses if the blob uses the other object.</summary>
    public SfReferenceDirection Direction { get; init; }

    /// <summary>Gets the type of the other object: instance, artifact, blob, node, or agentoperation.</summary>
    public string? OtherType => Direction == SfReferenceDirection.UsedBy ? SourceObjectType : TargetObjectType;

    /// <summary>Gets the UUID of the other object, or the name of a node.</summary>
    public string? OtherUuid => Direction == SfReferenceDirection.UsedBy ? SourceUuid : TargetUuid;

    /// <summary>Gets whether the reference was derived from other properties of the blob, because an older server does not report references.</summary>
    public bool IsDerived { get; init; }

    /// <summary>Gets the type of the referring object: instance, artifact, blob, node, or agentoperation.</summary>
    public string? SourceObjectType { get; init; }

    /// <summary>Gets the UUID of the referring object, or the name of a node.</summary>
    public string? SourceUuid { get; init; }

    /// <summary>Gets the relationship: disk, nvram_template, artifact_index, depends_on, transcode, agent_output, blob_location, or a newer one.</summary>
    public string? Relationship { get; init; }

    /// <summary>Gets the value of the relationship, such as the index of the disk or the style of the transcode.</summary>
    public string? RelationshipValue { get; init; }

    /// <summary>Gets the type of the referenced object.</summary>
    public string? TargetObjectType { get; init; }

    /// <summary>Gets the UUID of the referenced object.</summary>
    public string? TargetUuid { get; init; }

    /// <summary>Gets the local time at which the reference was created.</summary>
    public DateTime? Created { get; init; }

    /// <summary>Gets the local time at which the reference was last valid.</summary>
    public DateTime? LastActive { get; init; }

    /// <summary>Gets other fields of the row, under their names on the server.</summary>
    public SfDictionary<object?> AdditionalProperties { get; init; } = [];
}
