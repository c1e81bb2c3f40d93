namespace ShakenFist.Blobs.Transfer;

/// <summary>What a journal says of the whole transfer.</summary>
internal sealed record JournalHeader
{
    /// <summary>The version of the module that began it.</summary>
    public string ModuleVersion { get; init; } = string.Empty;

    /// <summary>UUID of the blob.</summary>
    public Guid Blob { get; init; }

    /// <summary>Length of the blob in bytes.</summary>
    public long Size { get; init; }

    /// <summary>Published hashes, by the server's names of their algorithms.</summary>
    public Dictionary<string, string> Checksums { get; init; } = [];

    /// <summary>Length of a part in bytes.</summary>
    public long PartBytes { get; init; }

    /// <summary>The algorithm of the parts' hashes.</summary>
    public string PartHash { get; init; } = string.Empty;

    /// <summary>When the transfer began, UTC.</summary>
    public DateTime StartedAt { get; init; }

    /// <summary>Parts of the blob.</summary>
    public int PartCount => (int)PartMap.CountFor(Size, PartBytes);
}

/// <summary>What a journal holds.</summary>
internal sealed record JournalContent
{
    /// <summary>What it says of the whole; null if it cannot be used.</summary>
    public JournalHeader? Header { get; init; }

    /// <summary>Binds each line to the header.</summary>
    public byte[] HeaderCheck { get; init; } = [];

    /// <summary>The parts that are said to be there, with their hashes.</summary>
    public Dictionary<int, UInt128> Parts { get; } = [];

    /// <summary>Bytes up to the end of the last whole line.</summary>
    public long ValidLength { get; set; }

    /// <summary>Why it cannot be used; null if it can.</summary>
    public string? Problem { get; private init; }

    /// <summary>Whether a newer module could use it.</summary>
    public bool IsNewer { get; private init; }

    public static JournalContent Unusable(string problem, bool isNewer = false) => new() { Problem = problem, IsNewer = isNewer };
}
