using ShakenFist.Blobs.Files;

namespace ShakenFist.Blobs.Transfer;

/// <summary>What a journal says of the whole transfer.</summary>
internal sealed record JournalHeader
{
    /// <summary>The version of the module that wrote it.</summary>
    public string ModuleVersion { get; init; } = string.Empty;

    /// <summary>UUID of the blob.</summary>
    public Guid Blob { get; init; }

    /// <summary>Length of the blob in bytes.</summary>
    public long Size { get; init; }

    /// <summary>Every hash that the cluster has published so far, by the server's names of the algorithms.</summary>
    public Dictionary<string, string> Checksums { get; init; } = [];

    /// <summary>Length of a block in bytes.</summary>
    public long BlockBytes { get; init; }

    /// <summary>The algorithm of the blocks' hashes.</summary>
    public string BlockHash { get; init; } = string.Empty;

    /// <summary>The temporary file that the module created, as <see cref="FileIdentity"/> writes it.</summary>
    public string File { get; init; } = string.Empty;

    /// <summary>When the transfer began, UTC.</summary>
    public DateTime StartedAt { get; init; }

    /// <summary>Number of blocks of the blob.</summary>
    public int BlockCount => (int)BlockTable.CountFor(Size, BlockBytes);
}

/// <summary>A block that a journal lists as complete.</summary>
/// <param name="Hash">Its hash.</param>
/// <param name="IsProvisional">The response that brought it has not ended as it must, so only a run that verifies the hash of the blob may use the block.</param>
internal readonly record struct JournalBlock(UInt128 Hash, bool IsProvisional);

/// <summary>What a journal contains.</summary>
internal sealed record JournalContent
{
    /// <summary>What it says of the whole transfer. Null if the journal cannot be used.</summary>
    public JournalHeader? Header { get; init; }

    /// <summary>Binds each line to the header.</summary>
    public byte[] HeaderCheck { get; init; } = [];

    /// <summary>The blocks that are complete.</summary>
    public Dictionary<int, JournalBlock> Blocks { get; } = [];

    /// <summary>Whether the file was found wrong in the end: it did not match the published hash, and fetching it again did not help.</summary>
    public bool HasMismatch { get; set; }

    /// <summary>Why it cannot be used. Null if it can.</summary>
    public string? Problem { get; private init; }

    /// <summary>Whether a newer module could use it.</summary>
    public bool IsNewer { get; private init; }

    public static JournalContent Unusable(string problem, bool isNewer = false) => new() { Problem = problem, IsNewer = isNewer };
}
