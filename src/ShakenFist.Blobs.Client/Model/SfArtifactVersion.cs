namespace ShakenFist.Blobs;

/// <summary>One version of an artifact.</summary>
public sealed record SfArtifactVersion
{
    /// <summary>Gets the number of the version. Numbers begin at 1 and are never used again.</summary>
    public long Index { get; init; }

    /// <summary>Gets the UUID of the blob.</summary>
    public Guid BlobUuid { get; init; }

    /// <summary>Gets the length of the data in bytes.</summary>
    public long? Size { get; init; }

    /// <summary>Gets the UUID of the backing blob that this image requires.</summary>
    public Guid? DependsOn { get; init; }

    /// <summary>Gets the number of objects that use the blob.</summary>
    public long? ReferenceCount { get; init; }

    /// <summary>Gets the UUIDs of the instances that use the blob. Not included in lists.</summary>
    public Guid[]? Instances { get; init; }

    /// <summary>Gets other fields under their names on the server.</summary>
    public SfDictionary<object?> AdditionalProperties { get; init; } = [];

    /// <summary>Returns the number.</summary>
    public override string ToString() => Index.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
