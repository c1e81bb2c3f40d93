namespace ShakenFist.Blobs;

/// <summary>How a local file compares with a blob.</summary>
public sealed record SfBlobDataTest
{
    /// <summary>UUID of the blob.</summary>
    public Guid BlobUuid { get; init; }

    /// <summary>Full path of the file.</summary>
    public string? Path { get; init; }

    /// <summary>Whether length and hash are the blob's.</summary>
    public bool IsMatch { get; init; }

    /// <summary>Length of the blob in bytes.</summary>
    public long ExpectedSize { get; init; }

    /// <summary>Length of the file in bytes.</summary>
    public long ActualSize { get; init; }

    /// <summary>The algorithm compared by; null where the lengths differ already.</summary>
    public SfHashAlgorithm? Algorithm { get; init; }

    /// <summary>The blob's published hash in lower-case hex.</summary>
    public string? ExpectedHash { get; init; }

    /// <summary>The file's hash in lower-case hex; null where the lengths differ already.</summary>
    public string? ActualHash { get; init; }
}
