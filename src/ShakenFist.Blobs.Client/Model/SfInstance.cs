namespace ShakenFist.Blobs;

/// <summary>An instance with its disks. You can create instances for tests: <c>[ShakenFist.Blobs.SfInstance]@{ Name = 'web-1'; Disks = @(…) }</c>.</summary>
public sealed record SfInstance
{
    /// <summary>Gets the UUID.</summary>
    public Guid Uuid { get; init; }

    /// <summary>Gets the name. Several instances can have the same name.</summary>
    public string? Name { get; init; }

    /// <summary>Gets the state, such as initial, creating, created, deleted, or error.</summary>
    public string? State { get; init; }

    /// <summary>Gets the namespace that the instance belongs to.</summary>
    public string? Namespace { get; init; }

    /// <summary>Gets the name of the node. Null if the instance was not placed yet.</summary>
    public string? Node { get; init; }

    /// <summary>Gets the power state, such as on or off (<c>power_state</c>).</summary>
    public string? PowerState { get; init; }

    /// <summary>Gets the disks. Empty until the instance was started.</summary>
    public SfInstanceDisk[] Disks { get; init; } = [];

    /// <summary>Gets the metadata. Values are strings, numbers, booleans, lists, or dictionaries.</summary>
    public SfDictionary<object?> Metadata { get; init; } = [];

    /// <summary>Gets the version of the record on the server.</summary>
    public long? RecordVersion { get; init; }

    /// <summary>Gets other fields under their names on the server: unknown fields, and known fields whose value has another type. The user data is not included.</summary>
    public SfDictionary<object?> AdditionalProperties { get; init; } = [];

    /// <summary>Returns the name.</summary>
    public override string ToString() => Name ?? Uuid.ToString("D");
}
