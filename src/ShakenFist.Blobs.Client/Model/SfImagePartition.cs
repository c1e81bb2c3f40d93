namespace ShakenFist.Blobs;

/// <summary>One partition of a disk image, as the image's partition table has it.</summary>
public sealed record SfImagePartition
{
    /// <summary>The partition's place in the table, from 1.</summary>
    public int Number { get; init; }

    /// <summary>What the partition is for, such as "Linux filesystem", or the type's id where it is not a known one.</summary>
    public string? Type { get; init; }

    /// <summary>The type as the table has it: a GUID in a GPT, such as 0x83 in an MBR.</summary>
    public string? TypeId { get; init; }

    /// <summary>The partition's name, which only a GPT has; as it is in the image, so not fit for a terminal.</summary>
    public string? Name { get; init; }

    /// <summary>The partition's own GUID, which only a GPT has.</summary>
    public Guid? Uuid { get; init; }

    /// <summary>Bytes from the disk's start to the partition's.</summary>
    public long Start { get; init; }

    /// <summary>Length in bytes.</summary>
    public long Size { get; init; }

    /// <summary>Whether the table marks the partition as one to start from.</summary>
    public bool IsBootable { get; init; }

    /// <summary>Number and type.</summary>
    public override string ToString() => $"{Number}: {Type}";
}
