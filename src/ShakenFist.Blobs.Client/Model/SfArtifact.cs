namespace ShakenFist.Blobs;

/// <summary>
/// An artifact: a name for a series of blobs, such as an image, a snapshot of a disk, or a label. You can create artifacts for tests:
/// <c>[ShakenFist.Blobs.SfArtifact]@{ Name = 'debian-13'; BlobUuid = … }</c>.
/// </summary>
public sealed record SfArtifact
{
    /// <summary>Gets the UUID.</summary>
    public Guid Uuid { get; init; }

    /// <summary>
    /// Gets the name. The server does not send it. It is the end of the source URL: the name of an upload or a label, the UUID of the instance and the device of a
    /// snapshot, or the file name of a web address.
    /// </summary>
    public string? Name { get; init; }

    /// <summary>Gets the type: image, snapshot, label, or other (<c>artifact_type</c>).</summary>
    public string? Type { get; init; }

    /// <summary>Gets the source URL, such as <c>sf://upload/ops/debian-13</c>. Publishers can store any text.</summary>
    public string? SourceUrl { get; init; }

    /// <summary>Gets the namespace that the artifact belongs to.</summary>
    public string? Namespace { get; init; }

    /// <summary>Gets whether all namespaces can use the artifact.</summary>
    public bool? Shared { get; init; }

    /// <summary>Gets the state: initial if there is no version yet, created, deleted, or error.</summary>
    public string? State { get; init; }

    /// <summary>Gets the number of versions that the server keeps. 0 for all.</summary>
    public long? MaxVersions { get; init; }

    /// <summary>Gets the UUID of the newest blob. Null if there is no version.</summary>
    public Guid? BlobUuid { get; init; }

    /// <summary>Gets the versions, oldest first.</summary>
    public SfArtifactVersion[] Versions { get; init; } = [];

    /// <summary>Gets the metadata. Values are strings, numbers, booleans, lists, or dictionaries.</summary>
    public SfDictionary<object?> Metadata { get; init; } = [];

    /// <summary>Gets the objects that use this artifact, by relationship (<c>references_to</c>). Null if the server does not report them.</summary>
    public SfDictionary<SfBlobReference[]>? ReferencesTo { get; init; }

    /// <summary>Gets the objects that this artifact uses, by relationship (<c>references_from</c>). Null if the server does not report them.</summary>
    public SfDictionary<SfBlobReference[]>? ReferencesFrom { get; init; }

    /// <summary>Gets the version of the record on the server.</summary>
    public long? RecordVersion { get; init; }

    /// <summary>Gets other fields under their names on the server: unknown fields, and known fields whose value has another type.</summary>
    public SfDictionary<object?> AdditionalProperties { get; init; } = [];

    /// <summary>Returns the name.</summary>
    public override string ToString() => Name ?? Uuid.ToString("D");
}
