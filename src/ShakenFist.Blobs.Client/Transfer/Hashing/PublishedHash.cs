namespace ShakenFist.Blobs.Transfer;

/// <summary>A hash that the cluster published, to compare a file with.</summary>
internal sealed record PublishedHash(SfHashAlgorithm Algorithm, string Hex)
{
    /// <summary>
    /// The order in which hashes are preferred. Both SHA-2 hashes are strong, so the one that is faster on this computer comes first. XXH128 does not protect from intent and
    /// is used only if it is asked for.
    /// </summary>
    public static IReadOnlyList<SfHashAlgorithm> Preferred { get; } = HashAlgorithms.IsSha256Fast
        ? [SfHashAlgorithm.SHA256, SfHashAlgorithm.SHA512, SfHashAlgorithm.SHA1]
        : [SfHashAlgorithm.SHA512, SfHashAlgorithm.SHA256, SfHashAlgorithm.SHA1];

    /// <summary>The best valid hash published for the blob, or null.</summary>
    public static PublishedHash? Of(SfBlob blob) => Best(AllOf(blob));

    /// <summary>The valid hash published under one algorithm, or null.</summary>
    public static PublishedHash? Of(SfBlob blob, SfHashAlgorithm algorithm) => AllOf(blob).FirstOrDefault(h => h.Algorithm == algorithm);

    /// <summary>The best of several hashes, or null.</summary>
    public static PublishedHash? Best(IReadOnlyList<PublishedHash> hashes) =>
        Preferred.Select(algorithm => hashes.FirstOrDefault(h => h.Algorithm == algorithm)).FirstOrDefault(hash => hash is not null);

    /// <summary>Every valid hash published for the blob.</summary>
    public static IReadOnlyList<PublishedHash> AllOf(SfBlob blob) =>
    [
        .. Enum.GetValues<SfHashAlgorithm>().Select(algorithm => Valid(algorithm, blob.Checksums.GetValueOrDefault(algorithm.ServerName()))
            ?? (algorithm == SfHashAlgorithm.SHA512 ? Valid(algorithm, blob.Sha512) : null)).OfType<PublishedHash>(),
    ];

    /// <summary>Every valid hash among checksums by the server's names of their algorithms.</summary>
    public static IReadOnlyList<PublishedHash> AllOf(IReadOnlyDictionary<string, string> checksums) =>
        [.. Enum.GetValues<SfHashAlgorithm>().Select(algorithm => Valid(algorithm, checksums.GetValueOrDefault(algorithm.ServerName()))).OfType<PublishedHash>()];

    /// <summary>Whether this is the hash, compared by value and not by the case of its letters.</summary>
    public bool Matches(byte[] hash) => Convert.FromHexString(Hex).AsSpan().SequenceEqual(hash);

    /// <summary>A hash as it is written: lower-case hex.</summary>
#pragma warning disable CA1308 // By convention, and because the server compares hashes as text.
    public static string Write(byte[] hash) => Convert.ToHexString(hash).ToLowerInvariant();

    /// <summary>Makes sure that this is the hash of the blob's bytes.</summary>
    /// <exception cref="SfException"><see cref="SfErrors.HashMismatch"/>. <paramref name="advice"/> says what becomes of the bytes.</exception>
    public void ThrowIfOther(SfBlob blob, byte[] found, string advice)
    {
        if (!Matches(found))
        {
            throw new SfException(SfErrors.HashMismatch, $"The {Algorithm} hash of blob {blob.Uuid:D} is {Write(found)}, but the cluster published {Hex}. {advice}");
        }
    }

    private static PublishedHash? Valid(SfHashAlgorithm algorithm, string? hex) => algorithm.IsHash(hex) ? new PublishedHash(algorithm, hex!.ToLowerInvariant()) : null;
#pragma warning restore CA1308
}
