using System.Security.Cryptography;

namespace ShakenFist.Blobs;

/// <summary>What a download may do and must prove.</summary>
public sealed record SfBlobSaveOptions
{
    /// <summary>Replace a file that is not the blob, and give up what another transfer to the same file has left behind.</summary>
    public bool Force { get; init; }

    /// <summary>What must be proven before the file is put in its place.</summary>
    public SfVerificationPolicy Verification { get; init; }

    /// <summary>The algorithm to verify by; null for the fastest cryptographic one that is published.</summary>
    public SfHashAlgorithm? Algorithm { get; init; }

    /// <summary>What tells that an existing file of the blob's length is the blob.</summary>
    public SfExistingFileCheck ExistingFileCheck { get; init; }

    /// <summary>Whether runs of zeros are left out of the file as holes.</summary>
    public SfSparsePolicy Sparse { get; init; }

    /// <summary>Connections and bandwidth, shared with other transfers; null for four connections of its own.</summary>
    public SfTransferLimits? Limits { get; init; }

    /// <summary>Cancels the transfer when a time limit is reached. The transfer ends with <see cref="SfErrors.TimeLimitReached"/> and can be resumed.</summary>
    public CancellationToken TimeLimit { get; init; }

    /// <summary>
    /// How long a transfer continues without receiving at least 1 MiB of data, or what is left if that is less. After that time it ends with
    /// <see cref="SfErrors.TransferInterrupted"/> and can be resumed. The default is 300 seconds. With zero, the first failed request that gained
    /// less than 64 KiB ends it.
    /// </summary>
    public TimeSpan RetryTimeout { get; init; } = DefaultRetryTimeout;

    /// <summary>The same until the first data arrives. Null for <see cref="RetryTimeout"/>.</summary>
    internal TimeSpan? InitialRetryTimeout { get; init; }

    /// <summary>The default of <see cref="RetryTimeout"/>.</summary>
    public static TimeSpan DefaultRetryTimeout { get; } = TimeSpan.FromSeconds(300);

    /// <summary>Makes a hasher for XXH128, which .NET does not bring; without it, parts are remembered by their SHA-256.</summary>
    public Func<HashAlgorithm>? CreateXxh128 { get; init; }
}

/// <summary>What tells that an existing file is the blob.</summary>
public enum SfExistingFileCheck
{
    /// <summary>Its length and its hash.</summary>
    Hash,

    /// <summary>Its length, and that it was last written after the blob was made. Proves nothing of the content.</summary>
    SizeAndTime,
}

/// <summary>Whether runs of zeros become holes of the file, which take no room on the disk.</summary>
public enum SfSparsePolicy
{
    /// <summary>In raw images.</summary>
    Auto,

    /// <summary>In every file.</summary>
    Always,

    /// <summary>In none: all room is taken at the start.</summary>
    Never,
}
