using System.Globalization;

namespace ShakenFist.Blobs;

/// <summary>
/// A blob, with the fields of the blob object of the REST API (<c>GET /blobs/{uuid}</c>) in .NET types. A property is null if the
/// server did not send the field. You can create blobs for tests: <c>[ShakenFist.Blobs.SfBlob]@{ Uuid = …; Size = 1 }</c>.
/// </summary>
public sealed record SfBlob
{
    /// <summary>Gets the UUID. Anyone who knows it can read the blob.</summary>
    public Guid Uuid { get; init; }

    /// <summary>Gets the state: initial, created, error, or deleted.</summary>
    public string? State { get; init; }

    /// <summary>Gets the length of the data in bytes.</summary>
    public long? Size { get; init; }

    /// <summary>Gets the qemu-img name of the image format, such as raw or qcow2 (<c>file format</c>).</summary>
    public string? FileFormat { get; init; }

    /// <summary>Gets the media type that libmagic detected (<c>mime-type</c>).</summary>
    public string? MimeType { get; init; }

    /// <summary>Gets the size of the virtual disk in bytes (<c>virtual size</c>). For a raw file, its length rounded up to a multiple of 512.</summary>
    public long? VirtualSize { get; init; }

    /// <summary>Gets the disk space on the server as text, such as "3.31 GiB" (<c>disk size</c>).</summary>
    public string? DiskSize { get; init; }

    /// <summary>Gets <see cref="DiskSize"/> as a number. Null if the server does not report a size with a unit.</summary>
    internal long? DiskBytes => ByteSize.Parse(DiskSize);

    /// <summary>Gets the local time that the source reported as the last change of the data, or at which the blob was created.</summary>
    public DateTime? Modified { get; init; }

    /// <summary>Gets the local time at which the data was fetched into the cluster.</summary>
    public DateTime? FetchedAt { get; init; }

    /// <summary>Gets the local time at which an instance last used the blob.</summary>
    public DateTime? LastUsed { get; init; }

    /// <summary>Gets the published hashes in lower-case hexadecimal digits by algorithm: sha512 and, on newer servers, sha256, sha1, and xxh128. Empty until they are computed.</summary>
    public SfDictionary<string> Checksums
    {
        get;
        init => field = value.Comparer == StringComparer.OrdinalIgnoreCase ? value : new(value, StringComparer.OrdinalIgnoreCase);
    } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Gets the published SHA-512 hash in hexadecimal digits, or null.</summary>
    public string? Sha512 { get; init; }

    /// <summary>Gets the UUID of the backing blob that this image requires.</summary>
    public Guid? DependsOn { get; init; }

    /// <summary>Gets other formats of the same image: the UUID of a blob by style, such as "zlib;qcow2;cluster_size".</summary>
    public SfDictionary<Guid> Transcodes { get; init; } = [];

    /// <summary>Gets the names of the nodes that store the data. Newer servers return them only to the system namespace.</summary>
    public string[]? Locations { get; init; }

    /// <summary>Gets the UUIDs of the instances that use the blob, directly or indirectly. Not included in lists. Can contain duplicates.</summary>
    public Guid[]? Instances { get; init; }

    /// <summary>Gets the number of objects that use the blob.</summary>
    public long? ReferenceCount { get; init; }

    /// <summary>Gets the objects that use this blob, by relationship (<c>references_to</c>). Null if the server does not report them.</summary>
    public SfDictionary<SfBlobReference[]>? ReferencesTo { get; init; }

    /// <summary>Gets the objects that this blob uses, by relationship (<c>references_from</c>). Null if the server does not report them.</summary>
    public SfDictionary<SfBlobReference[]>? ReferencesFrom { get; init; }

    /// <summary>Gets the metadata. Values are strings, numbers, booleans, lists, or dictionaries.</summary>
    public SfDictionary<object?> Metadata { get; init; } = [];

    /// <summary>Gets the version of the record on the server.</summary>
    public long? RecordVersion { get; init; }

    /// <summary>Gets the cluster size of a qcow2 image in bytes (<c>cluster_size</c>).</summary>
    public long? ClusterSize { get; init; }

    /// <summary>Gets the compatibility level of a qcow2 image, such as 1.1 (<c>compat</c>).</summary>
    public double? Compat { get; init; }

    /// <summary>Gets the compression of the clusters of a qcow2 image, such as zlib (<c>compression type</c>).</summary>
    public string? CompressionType { get; init; }

    /// <summary>Gets whether a qcow2 image has extended L2 entries (<c>extended l2</c>).</summary>
    public bool? ExtendedL2 { get; init; }

    /// <summary>Gets the name of the backing file in the image (<c>backing file</c>). It contains a path on the server.</summary>
    public string? BackingFile { get; init; }

    /// <summary>Gets the format of the backing file (<c>backing file format</c>).</summary>
    public string? BackingFileFormat { get; init; }

    /// <summary>Gets the name of the artifact that the blob was found by. Null if it was found otherwise.</summary>
    public string? Artifact { get; init; }

    /// <summary>Gets the number of the version of the artifact that the blob was found by.</summary>
    public long? Version { get; init; }

    /// <summary>Gets the name of the instance that the blob was found by. Null if it was found otherwise.</summary>
    public string? Instance { get; init; }

    /// <summary>Gets the device of the instance that the blob was found by, such as vda.</summary>
    public string? Disk { get; init; }

    /// <summary>Gets what the blob contains of the agent operation that it was found by: stdout, stderr, or the path of the file in the instance.</summary>
    public string? AgentOutput { get; init; }

    /// <summary>
    /// Gets a name to display: the instance and the disk, or the artifact, each with the version, that the blob was found by, or the <c>name</c> in its metadata. Null if
    /// there is none.
    /// </summary>
    public string? Name
    {
        get
        {
            string? origin = Instance is not null ? $"{Instance} {Disk}" : Artifact;
            return origin is null ? Metadata.GetValueOrDefault("name") is string { Length: > 0 } name ? ServerText.Clean(name) : null
                : Version is { } version ? string.Create(CultureInfo.InvariantCulture, $"{origin} v{version}") : origin;
        }
    }

    /// <summary>Gets other fields under their names on the server: unknown fields, and known fields whose value has another type.</summary>
    public SfDictionary<object?> AdditionalProperties { get; init; } = [];

    /// <summary>Returns the UUID.</summary>
    public override string ToString() => Uuid.ToString("D");
}
