namespace ShakenFist.Blobs.Snapshots;

/// <summary>Specifies the snapshots of an instance.</summary>
internal sealed record SnapshotOptions
{
    /// <summary>Gets the devices. Null for all disks that snapshots include.</summary>
    public IReadOnlyList<string>? Devices { get; init; }

    /// <summary>Gets whether the blobs depend on the blobs that the disks were created from.</summary>
    public bool Thin { get; init; }

    /// <summary>Gets the number of snapshots of each disk that the cluster keeps. It counts only for the first snapshot of a disk.</summary>
    public int? MaxVersions { get; init; }

    /// <summary>Gets whether the cluster is asked to compute a checksum of each blob, and the blobs are returned only when they have one.</summary>
    public bool WaitForChecksum { get; init; }
}
