namespace ShakenFist.Blobs;

/// <summary>An event of a blob in the event log of the cluster.</summary>
public sealed record SfBlobEvent
{
    /// <summary>Gets the UUID of the blob.</summary>
    public Guid BlobUuid { get; init; }

    /// <summary>Gets the local time of the event.</summary>
    public DateTime? Time { get; init; }

    /// <summary>Gets the type of the event, such as audit, mutate, or status.</summary>
    public string? Type { get; init; }

    /// <summary>Gets the node of the event.</summary>
    public string? Node { get; init; }

    /// <summary>Gets the message of the event.</summary>
    public string? Message { get; init; }

    /// <summary>Gets the duration, if the server reports it.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>Gets other data of the event.</summary>
    public object? Extra { get; init; }
}
