using ShakenFist.Blobs.Files;

namespace ShakenFist.Blobs.Transfer;

/// <summary>The first line of a journal, which describes the whole transfer.</summary>
internal sealed record JournalHeader
{
    /// <summary>The version of the module that wrote the journal.</summary>
    public string ModuleVersion { get; init; } = string.Empty;

    /// <summary>UUID of the blob.</summary>
    public Guid Blob { get; init; }

    /// <summary>Length of the blob in bytes.</summary>
    public long Size { get; init; }

    /// <summary>All hashes that the cluster has published so far, by the server's algorithm names.</summary>
    public Dictionary<string, string> Checksums { get; init; } = [];

    /// <summary>Length of a block in bytes.</summary>
    public long BlockBytes { get; init; }

    /// <summary>The hash algorithm of the blocks.</summary>
    public string BlockHash { get; init; } = string.Empty;

    /// <summary>The identity of the temporary file that the module created, in the format of <see cref="FileIdentity"/>.</summary>
    public string File { get; init; } = string.Empty;

    /// <summary>The file name of the target, if the names of the temporary files do not contain it. Null otherwise.</summary>
    public string? TargetName { get; init; }

    /// <summary>When the transfer started, in UTC.</summary>
    public DateTime StartedAt { get; init; }

    /// <summary>Number of blocks of the blob.</summary>
    public int BlockCount => (int)BlockTable.CountFor(Size, BlockBytes);

    /// <summary>
    /// Whether the journal belongs to this target, which has the same temporary names. A short name can be equal to the shortened form of a long one.
    /// </summary>
    public bool IsFor(string target) => TargetName is null == TransferNames.NameToRecord(target) is null;
}

/// <summary>A block that a journal lists as complete.</summary>
/// <param name="Hash">The hash of the block.</param>
/// <param name="IsProvisional">Whether its response did not end as expected. Only a run that verifies the hash of the whole blob can use such a block.</param>
internal readonly record struct JournalBlock(UInt128 Hash, bool IsProvisional);

/// <summary>The content of a journal.</summary>
internal sealed record JournalContent
{
    /// <summary>The header. Null if the journal cannot be used.</summary>
    public JournalHeader? Header { get; init; }

    /// <summary>The check value that binds each line to the header.</summary>
    public byte[] HeaderCheck { get; init; } = [];

    /// <summary>The blocks that are complete.</summary>
    public Dictionary<int, JournalBlock> Blocks { get; } = [];

    /// <summary>Whether the file did not match the published hash, and fetching the data again did not help.</summary>
    public bool HasMismatch { get; set; }

    /// <summary>Why the journal cannot be used. Null if it can.</summary>
    public string? Problem { get; private init; }

    /// <summary>Whether a newer version of the module could use the journal.</summary>
    public bool IsNewer { get; private init; }

    public static JournalContent Unusable(string problem, bool isNewer = false) => new() { Problem = problem, IsNewer = isNewer };
}
