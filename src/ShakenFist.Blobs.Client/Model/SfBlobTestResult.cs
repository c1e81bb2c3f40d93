namespace ShakenFist.Blobs;

/// <summary>The result of comparing a local file with a blob.</summary>
public sealed record SfBlobTestResult
{
    /// <summary>Gets the UUID of the blob.</summary>
    public Guid BlobUuid { get; init; }

    /// <summary>Gets the full path of the file.</summary>
    public string? Path { get; init; }

    /// <summary>Gets whether the length and the hash match.</summary>
    public bool IsMatch { get; init; }

    /// <summary>Gets the length of the blob in bytes.</summary>
    public long ExpectedSize { get; init; }

    /// <summary>Gets the length of the file in bytes.</summary>
    public long ActualSize { get; init; }

    /// <summary>Gets the hash algorithm. Null if the lengths differ.</summary>
    public SfHashAlgorithm? Algorithm { get; init; }

    /// <summary>Gets the published hash of the blob in lower-case hexadecimal digits.</summary>
    public string? ExpectedHash { get; init; }

    /// <summary>Gets the hash of the file in lower-case hexadecimal digits. Null if the lengths differ.</summary>
    public string? ActualHash { get; init; }
}
