namespace ShakenFist.Blobs;

/// <summary>One key of a blob's metadata. Pipes back into the metadata commands.</summary>
public sealed record SfBlobMetadata
{
    /// <summary>UUID of the blob.</summary>
    public Guid BlobUuid { get; init; }

    /// <summary>The key, character for character.</summary>
    public string Key { get; init; } = string.Empty;

    /// <summary>The key once more, under the name by which the metadata commands take it from the pipeline without reading wildcards into it.</summary>
    public string LiteralKey => Key;

    /// <summary>The value: text, a number, a boolean, a list or a dictionary.</summary>
    public object? Value { get; init; }
}
