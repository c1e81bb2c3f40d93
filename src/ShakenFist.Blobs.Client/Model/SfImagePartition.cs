namespace ShakenFist.Blobs;

/// <summary>One partition in the partition table of a disk image.</summary>
public sealed record SfImagePartition
{
    /// <summary>Gets the position in the table, from 1.</summary>
    public int Number { get; init; }

    /// <summary>Gets the purpose, such as "Linux filesystem", or the ID of an unknown type.</summary>
    public string? Type { get; init; }

    /// <summary>Gets the type in the table: a GUID in a GPT, a number such as 0x83 in an MBR.</summary>
    public string? TypeId { get; init; }

    /// <summary>Gets the name in a GPT. It is not cleaned for display in a terminal.</summary>
    public string? Name { get; init; }

    /// <summary>Gets the GUID of the partition in a GPT.</summary>
    public Guid? Uuid { get; init; }

    /// <summary>Gets the offset of the partition on the disk in bytes.</summary>
    public long Offset { get; init; }

    /// <summary>Gets the length in bytes.</summary>
    public long Size { get; init; }

    /// <summary>Gets whether the partition is marked as bootable.</summary>
    public bool IsBootable { get; init; }

    /// <summary>Returns the number and the type.</summary>
    public override string ToString() => $"{Number}: {Type}";
}
