namespace ShakenFist.Blobs;

/// <summary>One thing that a cluster announces it can do.</summary>
public sealed record SfCapability
{
    /// <summary>The family it is listed under, such as blobs.</summary>
    public string Family { get; init; } = string.Empty;

    /// <summary>Its name, such as blob-data-limit.</summary>
    public string Name { get; init; } = string.Empty;
}
