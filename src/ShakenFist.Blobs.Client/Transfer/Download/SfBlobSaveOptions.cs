using System.Security.Cryptography;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs;

/// <summary>Options for saving the data of a blob.</summary>
public sealed record SfBlobSaveOptions
{
    /// <summary>Whether to replace an existing file that differs from the blob, and to discard the data of another interrupted transfer to the same file.</summary>
    public bool Force { get; init; }

    /// <summary>The verification that is required before the file gets its final name.</summary>
    public SfVerificationPolicy Verification { get; init; }

    /// <summary>The algorithm to verify by. Null for the fastest cryptographic algorithm for which a hash is published.</summary>
    public SfHashAlgorithm? Algorithm { get; init; }

    /// <summary>How an existing file of the same length is compared with the blob.</summary>
    public SfExistingFileCheck ExistingFileCheck { get; init; }

    /// <summary>Whether ranges of zeros are stored as holes in the file.</summary>
    public SfSparsePolicy Sparse { get; init; }

    /// <summary>The number of bytes that must remain free on the disk. The transfer ends with <see cref="SfErrors.DiskFull"/> before less is free.</summary>
    public long MinimumFreeSpace { get; init; }

    /// <summary>Limits of connections and bandwidth, shared with other transfers. Null for four connections that no other transfer uses.</summary>
    public SfTransferLimits? Limits { get; init; }

    /// <summary>Cancels the transfer when a time limit is reached. The transfer ends with <see cref="SfErrors.TimeLimitReached"/> and can be resumed.</summary>
    public CancellationToken TimeLimit { get; init; }

    /// <summary>
    /// How long a transfer continues without receiving at least 1 MiB of data, or the remaining data if that is less. After that time, it ends with
    /// <see cref="SfErrors.TransferInterrupted"/> and can be resumed. The default is 300 seconds. With zero, it ends after the first failed request that received less
    /// than 64 KiB.
    /// </summary>
    public TimeSpan RetryTimeout { get; init; } = DefaultRetryTimeout;

    /// <summary>The retry timeout before the first data arrives. Null for <see cref="RetryTimeout"/>.</summary>
    internal TimeSpan? InitialRetryTimeout { get; init; }

    /// <summary>Receives the progress of the transfer. Null if it is not shown.</summary>
    internal DownloadProgress? Progress { get; init; }

    /// <summary>The default value of <see cref="RetryTimeout"/>.</summary>
    public static TimeSpan DefaultRetryTimeout { get; } = TimeSpan.FromSeconds(300);

    /// <summary>Creates a hasher for XXH128, which .NET does not include. If null, the journal records SHA-256 hashes of the blocks.</summary>
    public Func<HashAlgorithm>? CreateXxh128 { get; init; }
}

/// <summary>Specifies how an existing file is compared with the blob.</summary>
public enum SfExistingFileCheck
{
    /// <summary>Compares the length and the hash.</summary>
    Hash,

    /// <summary>Compares the length, and checks that the file was last written after the blob was created. Does not verify the content.</summary>
    SizeAndTime,
}

/// <summary>Specifies whether ranges of zeros become holes in the file, which use no disk space.</summary>
public enum SfSparsePolicy
{
    /// <summary>In files of raw images.</summary>
    Auto,

    /// <summary>In all files.</summary>
    Always,

    /// <summary>In no files. The disk space is reserved at the start.</summary>
    Never,
}
