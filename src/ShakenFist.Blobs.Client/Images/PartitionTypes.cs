namespace ShakenFist.Blobs.Images;

/// <summary>The names of common partition types.</summary>
internal static class PartitionTypes
{
    private static readonly Dictionary<Guid, string> Gpt = new()
    {
        [new("c12a7328-f81f-11d2-ba4b-00a0c93ec93b")] = "EFI system",
        [new("21686148-6449-6e6f-744e-656564454649")] = "BIOS boot",
        [new("9e1a2d38-c612-4316-aa26-8b49521e5a8b")] = "PReP boot",
        [new("bc13c2ff-59e6-4262-a352-b275fd6f7172")] = "Linux extended boot",
        [new("0fc63daf-8483-4772-8e79-3d69d8477de4")] = "Linux filesystem",
        [new("4f68bce3-e8cd-4db1-96e7-fbcaf984b709")] = "Linux root (x86-64)",
        [new("b921b045-1df0-41c3-af44-4c6f280d3fae")] = "Linux root (ARM64)",
        [new("933ac7e1-2eb4-4f13-b844-0e14e2aef915")] = "Linux home",
        [new("0657fd6d-a4ab-43c4-84e5-0933c84b4f4f")] = "Linux swap",
        [new("e6d6d379-f507-44c2-a23c-238f2a3df928")] = "Linux LVM",
        [new("a19d880f-05fc-4d3b-a006-743f0f84911e")] = "Linux RAID",
        [new("e3c9e316-0b5c-4db8-817d-f92df00215ae")] = "Microsoft reserved",
        [new("ebd0a0a2-b9e5-4433-87c0-68b6b72699c7")] = "Microsoft basic data",
        [new("de94bba4-06d1-4d40-a16a-bfd50179d6ac")] = "Windows recovery",
        [new("516e7cb6-6ecf-11d6-8ff8-00022d71202b")] = "FreeBSD UFS",
        [new("516e7cba-6ecf-11d6-8ff8-00022d71202b")] = "FreeBSD ZFS",
        [new("7c3457ef-0000-11aa-aa11-00306543ecac")] = "Apple APFS",
    };

    /// <summary>Gets the name of a GPT type. Null if it is unknown.</summary>
    public static string? Name(Guid type) => Gpt.GetValueOrDefault(type);

    /// <summary>Gets the name of an MBR type. Null if it is unknown.</summary>
    public static string? Name(byte type) => type switch
    {
        0x01 => "FAT12",
        0x04 or 0x06 or 0x0e => "FAT16",
        0x05 or 0x0f or 0x85 => "Extended",
        0x07 => "NTFS or exFAT",
        0x0b or 0x0c => "FAT32",
        0x82 => "Linux swap",
        0x83 => "Linux filesystem",
        0x8e => "Linux LVM",
        0xa5 => "FreeBSD",
        0xee => "GPT protective",
        0xef => "EFI system",
        0xfd => "Linux RAID",
        _ => null,
    };
}
