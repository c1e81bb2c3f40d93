namespace ShakenFist.Blobs;

/// <summary>An interrupted transfer: its temporary files and its state.</summary>
public sealed record SfBlobTransfer
{
    /// <summary>Gets the UUID of the blob. Null if the journal is missing or cannot be read.</summary>
    public Guid? BlobUuid { get; init; }

    /// <summary>Gets the full path of the target file.</summary>
    public string? Path { get; init; }

    /// <summary>Gets the full path of the temporary file that contains the data.</summary>
    public string? PartialPath { get; init; }

    /// <summary>Gets the full path of the journal.</summary>
    public string? JournalPath { get; init; }

    /// <summary>Gets whether the transfer can be resumed and, if not, the reason.</summary>
    public SfBlobTransferState State { get; init; }

    /// <summary>Gets a description of the problem. Null if the transfer can be resumed.</summary>
    public string? Problem { get; init; }

    /// <summary>Gets the length of the blob in bytes.</summary>
    public long Size { get; init; }

    /// <summary>Gets the number of bytes that need not be fetched again.</summary>
    public long BytesTransferred { get; init; }

    /// <summary>Gets the received percentage, from 0 to 100.</summary>
    public double PercentComplete => Size > 0 ? Math.Min(100, 100.0 * BytesTransferred / Size) : 0;

    /// <summary>Gets the local time at which the transfer started. Null if unknown.</summary>
    public DateTime? StartedAt { get; init; }

    /// <summary>Gets the local time of the last write to the temporary file.</summary>
    public DateTime LastWriteTime { get; init; }

    /// <summary>Gets the version of the module that wrote the journal. Null if unknown.</summary>
    public string? ModuleVersion { get; init; }
}

/// <summary>Whether an interrupted transfer can be resumed.</summary>
public enum SfBlobTransferState
{
    /// <summary>The state is not known: the value of an empty record. No command outputs it.</summary>
    Unknown,

    /// <summary>The transfer can be resumed.</summary>
    Resumable,

    /// <summary>The transfer is running in this or another process.</summary>
    Active,

    /// <summary>The data did not match the published hash, and fetching it again did not help. The same command starts from the beginning.</summary>
    HashMismatch,

    /// <summary>The journal is missing, damaged, or was changed. The same command starts from the beginning.</summary>
    Damaged,

    /// <summary>A newer version of the module wrote the journal. That version can resume the transfer.</summary>
    NewerVersion,
}
