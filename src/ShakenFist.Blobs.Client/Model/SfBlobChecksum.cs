namespace ShakenFist.Blobs;

/// <summary>One published checksum of a blob. Can be piped to Find-SfBlobByHash.</summary>
public sealed record SfBlobChecksum
{
    /// <summary>Gets the UUID of the blob.</summary>
    public Guid BlobUuid { get; init; }

    /// <summary>Gets the algorithm.</summary>
    public SfHashAlgorithm Algorithm { get; init; }

    /// <summary>Gets the hash in lower-case hexadecimal digits.</summary>
    public string Hash { get; init; } = string.Empty;
}
