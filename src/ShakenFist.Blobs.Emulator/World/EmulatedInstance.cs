using System.Text.Json.Nodes;

namespace ShakenFist.Blobs.Emulator;

/// <summary>An instance with its disks.</summary>
public sealed class EmulatedInstance
{
    public Guid Uuid { get; init; } = Guid.NewGuid();

    public required string Name { get; init; }

    public required string Namespace { get; init; }

    /// <summary>The state: initial, preflight, creating, created, delete-wait, deleted, or error.</summary>
    public string State { get; set; } = "created";

    /// <summary>The node. Null for an instance that was not placed yet.</summary>
    public string? Node { get; set; } = "sf-1";

    public string PowerState { get; set; } = "on";

    /// <summary>The disks. Empty until the instance was started.</summary>
    public IList<EmulatedDisk> Disks { get; init; } = [];

    public JsonObject Metadata { get; init; } = [];

    /// <summary>Members that are added to the record, or replace its members.</summary>
    public JsonObject Extra { get; init; } = [];
}

/// <summary>A disk of an instance.</summary>
/// <param name="Device">The device, such as vda.</param>
/// <param name="Bus">The bus, such as virtio.</param>
/// <param name="Size">The size in GiB. Null for the config drive.</param>
/// <param name="BlobUuid">The blob that the disk was created from. Null for a disk that was created empty.</param>
/// <param name="SnapshotIgnores">Whether snapshots do not include the disk, such as the config drive.</param>
public sealed record EmulatedDisk(string Device, string Bus, int? Size, Guid? BlobUuid, bool SnapshotIgnores = false)
{
    /// <summary>The current data of the disk, which a snapshot contains. Null for generated data.</summary>
    public BlobContent? File { get; init; }

    /// <summary>Whether the node has the file of the disk. Without it, the disk is left out of snapshots.</summary>
    public bool HasFile { get; init; } = true;
}
