using System.Collections.Specialized;

namespace ShakenFist.Blobs;

/// <summary>
/// What a disk image says of itself in its head. A property is null where the format does not have it or the head does not tell it. Text is as it is in the
/// image, which anyone may have written: the module's views clean it. Can be built by hand for tests.
/// </summary>
public sealed record SfBlobImageInfo
{
    /// <summary>UUID of the blob that holds the image; null for a local file.</summary>
    public Guid? BlobUuid { get; init; }

    /// <summary>Full path of the local file that holds the image; null for a blob.</summary>
    public string? Path { get; init; }

    /// <summary>Length of the blob or file in bytes.</summary>
    public long Length { get; init; }

    /// <summary>The format as qemu-img names it: qcow2, qcow, vmdk, vhdx, vpc, vdi, luks, raw; beside these iso, and gzip, xz, zstd or bzip2 for what is packed.</summary>
    public string Format { get; init; } = "raw";

    /// <summary>The format's version, such as 3 of qcow2.</summary>
    public string? Version { get; init; }

    /// <summary>Size in bytes of the disk that the image presents; of a raw one, its length rounded up to 512.</summary>
    public long? VirtualSize { get; init; }

    /// <summary>Bytes that the format allocates at once: cluster, grain or block.</summary>
    public long? ClusterSize { get; init; }

    /// <summary>Name of the image below this one, which holds what this one does not.</summary>
    public string? BackingFile { get; init; }

    /// <summary>Format of the image below.</summary>
    public string? BackingFormat { get; init; }

    /// <summary>How clusters are compressed where they are, such as zlib; or how the whole is packed, such as xz.</summary>
    public string? Compression { get; init; }

    /// <summary>How the content is encrypted, such as luks; null if it is not.</summary>
    public string? Encryption { get; init; }

    /// <summary>How many snapshots are inside the image.</summary>
    public long? SnapshotCount { get; init; }

    /// <summary>The label of an ISO 9660 volume.</summary>
    public string? Label { get; init; }

    /// <summary>The partitions of a disk whose content is not wrapped in a format: raw, a fixed vpc, or an iso that starts from a disk too.</summary>
    public IList<SfImagePartition> Partitions { get; init; } = [];

    /// <summary>What the image makes use of or is marked with, such as "extended L2", "dirty" or "El Torito".</summary>
    public IList<string> Features { get; init; } = [];

    /// <summary>What only this format has, by name, such as RefcountBits of qcow2.</summary>
    public OrderedDictionary Particulars { get; init; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Where the head breaks its format's rules, contradicts itself or tells of damage.</summary>
    public IList<string> Warnings { get; init; } = [];

    /// <summary>The format.</summary>
    public override string ToString() => Format;
}
