namespace ShakenFist.Blobs;

/// <summary>
/// A blob as the cluster describes it: the fields of the REST API's blob object (<c>GET /blobs/{uuid}</c>), with real types. A field is null where the
/// server did not send it or does not know it. Can be built by hand for tests: <c>[ShakenFist.Blobs.SfBlob]@{ Uuid = …; Size = 1 }</c>.
/// </summary>
public sealed record SfBlob
{
    /// <summary>The blob's UUID. Knowing it is the right to read the blob.</summary>
    public Guid Uuid { get; init; }

    /// <summary>The server's word for the state: initial, created, error or deleted.</summary>
    public string? State { get; init; }

    /// <summary>Length of the blob's data in bytes.</summary>
    public long? Size { get; init; }

    /// <summary>Format of the image as qemu-img names it, such as raw or qcow2 (<c>file format</c>).</summary>
    public string? FileFormat { get; init; }

    /// <summary>Media type as libmagic sees it (<c>mime-type</c>).</summary>
    public string? MimeType { get; init; }

    /// <summary>Size in bytes of the disk that the image presents (<c>virtual size</c>); of a raw file, its length rounded up to 512.</summary>
    public long? VirtualSize { get; init; }

    /// <summary>Space the file takes on the server's disk, in the server's words, such as "3.31 GiB" (<c>disk size</c>).</summary>
    public string? DiskSize { get; init; }

    /// <summary>When the record was last changed, UTC.</summary>
    public DateTime? Modified { get; init; }

    /// <summary>When the data was fetched into the cluster, UTC.</summary>
    public DateTime? FetchedAt { get; init; }

    /// <summary>When the blob was last used by an instance, UTC.</summary>
    public DateTime? LastUsed { get; init; }

    /// <summary>Published hashes in lower-case hex by algorithm: sha512, and on newer servers sha256, sha1 and xxh128. Empty until the cluster has computed them.</summary>
    public SfDictionary<string> Checksums
    {
        get;
        init => field = value.Comparer == StringComparer.OrdinalIgnoreCase ? value : new(value, StringComparer.OrdinalIgnoreCase);
    } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The published SHA-512 of the data in hex, or null.</summary>
    public string? Sha512 { get; init; }

    /// <summary>UUID of the backing blob that this image needs beside it.</summary>
    public Guid? DependsOn { get; init; }

    /// <summary>Other forms of the same image: style, such as "zlib;qcow2;cluster_size", to the blob's UUID.</summary>
    public SfDictionary<Guid> Transcodes { get; init; } = [];

    /// <summary>Names of the nodes that hold the data. Newer servers tell only the system namespace.</summary>
    public string[]? Locations { get; init; }

    /// <summary>UUIDs of the instances that use the blob, also by way of another one; absent from lists, and may hold duplicates.</summary>
    public Guid[]? Instances { get; init; }

    /// <summary>How many objects the server counts as using the blob.</summary>
    public long? ReferenceCount { get; init; }

    /// <summary>Who uses this blob, by relationship (<c>references_to</c>); null on servers that do not tell.</summary>
    public SfDictionary<SfBlobReference[]>? ReferencesTo { get; init; }

    /// <summary>What this blob uses, by relationship (<c>references_from</c>); null on servers that do not tell.</summary>
    public SfDictionary<SfBlobReference[]>? ReferencesFrom { get; init; }

    /// <summary>The key-value metadata; values are text, numbers, booleans, lists or dictionaries, as they were stored.</summary>
    public SfDictionary<object?> Metadata { get; init; } = [];

    /// <summary>Version of the record's schema on the server.</summary>
    public long? Version { get; init; }

    /// <summary>Cluster size of a qcow2 image in bytes (<c>cluster_size</c>).</summary>
    public long? ClusterSize { get; init; }

    /// <summary>Compatibility level of a qcow2 image, such as 1.1 (<c>compat</c>).</summary>
    public double? Compat { get; init; }

    /// <summary>Compression of a qcow2 image's clusters, such as zlib (<c>compression type</c>).</summary>
    public string? CompressionType { get; init; }

    /// <summary>Whether a qcow2 image has extended L2 entries (<c>extended l2</c>).</summary>
    public bool? ExtendedL2 { get; init; }

    /// <summary>Name of the backing file inside the image; holds paths of the server (<c>backing file</c>).</summary>
    public string? BackingFile { get; init; }

    /// <summary>Format of the backing file (<c>backing file format</c>).</summary>
    public string? BackingFileFormat { get; init; }

    /// <summary>What else the server sent: fields that this version does not know, and known ones whose value is not of their type, under the server's names.</summary>
    public SfDictionary<object?> AdditionalProperties { get; init; } = [];

    /// <summary>The UUID, as the server writes it.</summary>
    public override string ToString() => Uuid.ToString("D");
}
