using System.Collections.Specialized;

namespace ShakenFist.Blobs;

/// <summary>
/// The format information in the header of a disk image. A property is null if the format does not have it or the header does not contain it. Text is
/// returned as it is in the image, which can be malicious; the views of the module clean it. You can create objects of this type for tests.
/// </summary>
public sealed record SfImageInfo
{
    /// <summary>Gets the UUID of the blob. Null for a local file.</summary>
    public Guid? BlobUuid { get; init; }

    /// <summary>Gets the full path of the local file. Null for a blob.</summary>
    public string? Path { get; init; }

    /// <summary>Gets the length of the blob or the file in bytes.</summary>
    public long Size { get; init; }

    /// <summary>Gets the qemu-img name of the format: qcow2, qcow, qed, vmdk, vhdx, vpc, vdi, parallels, luks, or raw. Also iso, and gzip, xz, zstd, or bzip2 for compressed files.</summary>
    public string FileFormat { get; init; } = "raw";

    /// <summary>Gets the version of the format, such as 3 for qcow2.</summary>
    public string? Version { get; init; }

    /// <summary>Gets the size of the virtual disk in bytes. For a raw image, its length rounded up to a multiple of 512.</summary>
    public long? VirtualSize { get; init; }

    /// <summary>Gets the allocation unit in bytes: cluster, grain, or block.</summary>
    public long? ClusterSize { get; init; }

    /// <summary>Gets the name of the backing file, which contains the data that this image does not.</summary>
    public string? BackingFile { get; init; }

    /// <summary>Gets the format of the backing file.</summary>
    public string? BackingFileFormat { get; init; }

    /// <summary>Gets the compression of clusters, such as zlib, or of the whole file, such as xz.</summary>
    public string? CompressionType { get; init; }

    /// <summary>Gets the encryption, such as luks. Null if the image is not encrypted.</summary>
    public string? Encryption { get; init; }

    /// <summary>Gets the number of snapshots in the image.</summary>
    public long? SnapshotCount { get; init; }

    /// <summary>Gets the label of an ISO 9660 volume.</summary>
    public string? Label { get; init; }

    /// <summary>Gets the partitions of a raw disk, a fixed vpc image, or an iso that can be started as a disk.</summary>
    public SfImagePartition[] Partitions { get; init; } = [];

    /// <summary>Gets the features that the image uses and its flags, such as "extended L2", "dirty", or "El Torito".</summary>
    public string[] Features { get; init; } = [];

    /// <summary>Gets properties of this format only, such as RefcountBits of qcow2.</summary>
    public OrderedDictionary Details { get; init; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Gets descriptions of violations of the format, contradictions, and damage in the header.</summary>
    public string[] Warnings { get; init; } = [];

    /// <summary>Returns the format.</summary>
    public override string ToString() => FileFormat;
}
