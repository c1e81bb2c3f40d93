namespace ShakenFist.Blobs;

/// <summary>A transfer that has not come to its end: what lies beside its target, and what can be done with it.</summary>
public sealed record SfInterruptedTransfer
{
    /// <summary>UUID of the blob; null where its journal is missing or cannot be read.</summary>
    public Guid? BlobUuid { get; init; }

    /// <summary>Full path of the file it was to become.</summary>
    public string? Path { get; init; }

    /// <summary>The path once more, under the name by which commands take it from the pipeline without reading wildcards into it.</summary>
    public string? LiteralPath => Path;

    /// <summary>Full path of the temporary file with the bytes.</summary>
    public string? PartialPath { get; init; }

    /// <summary>Full path of the journal.</summary>
    public string? JournalPath { get; init; }

    /// <summary>Whether it can be resumed, and if not, why.</summary>
    public SfInterruptedState State { get; init; }

    /// <summary>What is wrong with it, in words; null where it can be resumed.</summary>
    public string? Problem { get; init; }

    /// <summary>Length of the blob in bytes.</summary>
    public long Size { get; init; }

    /// <summary>Bytes that need not be fetched again.</summary>
    public long BytesDone { get; init; }

    /// <summary>How much of it is there, from 0 to 100.</summary>
    public double PercentComplete => Size > 0 ? Math.Min(100, 100.0 * BytesDone / Size) : 0;

    /// <summary>When the transfer began, UTC; null where that is not known.</summary>
    public DateTime? StartedAt { get; init; }

    /// <summary>When it was last written to, UTC.</summary>
    public DateTime LastWriteTime { get; init; }

    /// <summary>Version of the module that wrote the journal; null where that is not known.</summary>
    public string? ModuleVersion { get; init; }
}

/// <summary>Whether an interrupted transfer can be resumed.</summary>
public enum SfInterruptedState
{
    /// <summary>It can.</summary>
    Resumable,

    /// <summary>Another process is at work on it just now.</summary>
    Active,

    /// <summary>Its journal is missing, damaged, or was changed: the same command starts anew.</summary>
    Damaged,

    /// <summary>A newer version of the module has written it, and can resume it.</summary>
    Newer,

    /// <summary>The data did not match the published hash, and fetching it again did not help. The same command starts from the beginning.</summary>
    HashMismatch,
}
