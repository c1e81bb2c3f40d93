namespace ShakenFist.Blobs;

/// <summary>One key of the metadata of a blob. Can be piped to the metadata cmdlets.</summary>
public sealed record SfBlobMetadata
{
    /// <summary>Gets the UUID of the blob.</summary>
    public Guid BlobUuid { get; init; }

    /// <summary>Gets the key.</summary>
    public string Key { get; init; } = string.Empty;

    /// <summary>Gets the value: a string, a number, a boolean, a list, or a dictionary.</summary>
    public object? Value { get; init; }
}
