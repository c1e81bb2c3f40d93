namespace ShakenFist.Blobs;

/// <summary>A disk of an instance.</summary>
public sealed record SfInstanceDisk
{
    /// <summary>Gets the device, such as vda.</summary>
    public string? Device { get; init; }

    /// <summary>Gets the bus, such as virtio.</summary>
    public string? Bus { get; init; }

    /// <summary>Gets the size in bytes. Null for the config drive.</summary>
    public long? Size { get; init; }

    /// <summary>Gets the UUID of the blob that the disk was created from. It does not contain later changes. Null for a disk that was created empty.</summary>
    public Guid? BlobUuid { get; init; }

    /// <summary>Gets whether snapshots of all disks do not include this disk, such as the config drive (<c>snapshot_ignores</c>).</summary>
    public bool? SnapshotIgnores { get; init; }

    /// <summary>Gets other fields under their names on the server.</summary>
    public SfDictionary<object?> AdditionalProperties { get; init; } = [];

    /// <summary>Returns the device.</summary>
    public override string ToString() => Device ?? string.Empty;
}
