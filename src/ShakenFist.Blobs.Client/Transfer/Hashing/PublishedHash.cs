namespace ShakenFist.Blobs.Transfer;

/// <summary>A hash that the cluster published.</summary>
internal sealed record PublishedHash(SfHashAlgorithm Algorithm, string Hex)
{
    /// <summary>
    /// The algorithms in order of preference. SHA-512 and SHA-256 are both secure, so the one that is faster on this computer is first. XXH128 does not detect
    /// intentional changes and is used only if it is specified.
    /// </summary>
    public static IReadOnlyList<SfHashAlgorithm> Preferred { get; } = HashAlgorithms.IsSha256Fast
        ? [SfHashAlgorithm.SHA256, SfHashAlgorithm.SHA512, SfHashAlgorithm.SHA1]
        : [SfHashAlgorithm.SHA512, SfHashAlgorithm.SHA256, SfHashAlgorithm.SHA1];

    /// <summary>Returns the best valid hash published for the blob, or null.</summary>
    public static PublishedHash? Of(SfBlob blob) => Best(AllOf(blob));

    /// <summary>Returns the valid hash published for one algorithm, or null.</summary>
    public static PublishedHash? Of(SfBlob blob, SfHashAlgorithm algorithm) => AllOf(blob).FirstOrDefault(h => h.Algorithm == algorithm);

    /// <summary>Returns the best of several hashes, or null.</summary>
    public static PublishedHash? Best(IReadOnlyList<PublishedHash> hashes) =>
        Preferred.Select(algorithm => hashes.FirstOrDefault(h => h.Algorithm == algorithm)).FirstOrDefault(hash => hash is not null);

    /// <summary>Returns all valid hashes published for the blob.</summary>
    public static IReadOnlyList<PublishedHash> AllOf(SfBlob blob) =>
    [
        .. Enum.GetValues<SfHashAlgorithm>().Select(algorithm => Valid(algorithm, blob.Checksums.GetValueOrDefault(algorithm.ServerName()))
            ?? (algorithm == SfHashAlgorithm.SHA512 ? Valid(algorithm, blob.Sha512) : null)).OfType<PublishedHash>(),
    ];

    /// <summary>Returns all valid hashes from checksums by the server's algorithm names.</summary>
    public static IReadOnlyList<PublishedHash> AllOf(IReadOnlyDictionary<string, string> checksums) =>
        [.. Enum.GetValues<SfHashAlgorithm>().Select(algorithm => Valid(algorithm, checksums.GetValueOrDefault(algorithm.ServerName()))).OfType<PublishedHash>()];

    /// <summary>Describes published hashes that do not have the form of a hash, for a message. Null if there are none.</summary>
    /// <param name="blob">The blob.</param>
    /// <param name="algorithm">The algorithm to describe. Null for all known algorithms.</param>
    public static string? DescribeUnreadable(SfBlob blob, SfHashAlgorithm? algorithm = null)
    {
        List<string> found = [];
        IReadOnlyDictionary<string, object?>? others = blob.AdditionalProperties.GetValueOrDefault("checksums") as IReadOnlyDictionary<string, object?>;
        foreach (SfHashAlgorithm known in Enum.GetValues<SfHashAlgorithm>().Where(a => (algorithm ?? a) == a && Of(blob, a) is null))
        {
            string name = known.ServerName();
            object? value = blob.Checksums.GetValueOrDefault(name) ?? others?.GetValueOrDefault(name)
                ?? (known == SfHashAlgorithm.SHA512 ? blob.Sha512 ?? blob.AdditionalProperties.GetValueOrDefault(name) : null);
            if (value is not (null or ""))
            {
                found.Add(value is string text ? $"{name} '{ServerText.Clean(text, 150)}'" : $"{name} is not text");
            }
        }

        if (others is null && blob.AdditionalProperties.GetValueOrDefault("checksums") is not null)
        {
            found.Add("the checksums are not an object");
        }

        return found.Count > 0 ? string.Join(", ", found) : null;
    }

    /// <summary>Explains in one sentence why no hash is available for verification: none was published, or it cannot be read.</summary>
    public static string DescribeMissing(SfBlob blob, SfHashAlgorithm? algorithm = null)
    {
        string hash = algorithm is null ? "hash" : $"{algorithm} hash";
        return DescribeUnreadable(blob, algorithm) is { } unreadable
            ? $"The {hash} that the cluster published for blob {blob.Uuid:D} cannot be read ({unreadable})."
            : $"The cluster has not published a {hash} of blob {blob.Uuid:D}.";
    }

    /// <summary>Whether this hash has the same value. The case of the digits does not matter.</summary>
    public bool Matches(byte[] hash) => Convert.FromHexString(Hex).AsSpan().SequenceEqual(hash);

    /// <summary>Formats a hash as lower-case hexadecimal digits.</summary>
#pragma warning disable CA1308 // Lower case is the convention, and the server compares hashes as text.
    public static string Write(byte[] hash) => Convert.ToHexString(hash).ToLowerInvariant();

    /// <summary>Throws if this is not the hash of the data.</summary>
    /// <exception cref="SfException"><see cref="SfErrors.HashMismatch"/>. <paramref name="advice"/> is a sentence about what happens to the data.</exception>
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
