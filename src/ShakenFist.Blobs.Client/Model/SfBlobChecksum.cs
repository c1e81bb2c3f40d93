namespace ShakenFist.Blobs;

/// <summary>One published checksum of a blob. Pipes into Find-SfBlobByHash.</summary>
public sealed record SfBlobChecksum
{
    /// <summary>UUID of the blob.</summary>
    public Guid BlobUuid { get; init; }

    /// <summary>The algorithm.</summary>
    public SfHashAlgorithm Algorithm { get; init; }

    /// <summary>The hash in lower-case hex.</summary>
    public string Hash { get; init; } = string.Empty;
}
