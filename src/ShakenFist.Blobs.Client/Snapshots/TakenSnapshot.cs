namespace ShakenFist.Blobs.Snapshots;

/// <summary>A snapshot that the cluster has agreed to take.</summary>
/// <param name="Device">The device of the disk, or nvram.</param>
/// <param name="ArtifactUuid">The UUID of the artifact that gets a new version.</param>
/// <param name="BlobUuid">The UUID of the blob, which does not exist until a job of the cluster has created it.</param>
internal sealed record TakenSnapshot(string Device, Guid ArtifactUuid, Guid BlobUuid);
