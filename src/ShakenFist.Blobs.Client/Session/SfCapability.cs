namespace ShakenFist.Blobs;

/// <summary>A capability that a cluster announces.</summary>
public sealed record SfCapability
{
    /// <summary>Gets the family, such as blobs.</summary>
    public string Family { get; init; } = string.Empty;

    /// <summary>Gets the name, such as blob-data-limit.</summary>
    public string Name { get; init; } = string.Empty;
}
