namespace ShakenFist.Blobs.Transfer;

/// <summary>A hash that the cluster published and that a file can be held to.</summary>
internal sealed record PublishedHash(SfHashAlgorithm Algorithm, string Hex)
{
    /// <summary>
    /// The order in which hashes are preferred: both SHA-2 are proof enough, so the faster one here comes first. XXH128 proves nothing against intent and is never
    /// chosen unasked.
    /// </summary>
    public static IReadOnlyList<SfHashAlgorithm> Preferred { get; } = HashAlgorithms.IsSha256Fast
        ? [SfHashAlgorithm.SHA256, SfHashAlgorithm.SHA512, SfHashAlgorithm.SHA1]
        : [SfHashAlgorithm.SHA512, SfHashAlgorithm.SHA256, SfHashAlgorithm.SHA1];

    /// <summary>The best hash published for the blob that has the form of one, or null.</summary>
    public static PublishedHash? Of(SfBlob blob) => Preferred.Select(algorithm => Of(blob, algorithm)).FirstOrDefault(hash => hash is not null);

    /// <summary>Every hash published for the blob that has the form of one.</summary>
    public static IEnumerable<PublishedHash> AllOf(SfBlob blob) => Enum.GetValues<SfHashAlgorithm>().Select(algorithm => Of(blob, algorithm)).OfType<PublishedHash>();

    /// <summary>The hash published under one algorithm, if it has the form of one.</summary>
    public static PublishedHash? Of(SfBlob blob, SfHashAlgorithm algorithm)
    {
        string? hex = blob.Checksums.TryGetValue(algorithm.ServerName(), out string? value) && algorithm.IsHash(value) ? value
            : algorithm == SfHashAlgorithm.SHA512 ? blob.Sha512 : null;
#pragma warning disable CA1308 // Hashes are written in lower case by convention.
        return algorithm.IsHash(hex) ? new PublishedHash(algorithm, hex!.ToLowerInvariant()) : null;
#pragma warning restore CA1308
    }

    /// <summary>Whether this is the hash, compared by value and not by its letters' case.</summary>
    public bool Matches(byte[] hash) => Convert.FromHexString(Hex).AsSpan().SequenceEqual(hash);

    /// <summary>A hash as it is written: lower-case hex.</summary>
#pragma warning disable CA1308 // By convention, and because the server compares hashes as text.
    public static string Write(byte[] hash) => Convert.ToHexString(hash).ToLowerInvariant();
#pragma warning restore CA1308

    /// <summary>Makes sure that this is the hash of the blob's bytes.</summary>
    /// <exception cref="SfException"><see cref="SfErrors.HashMismatch"/>; <paramref name="aftermath"/> says what becomes of the bytes.</exception>
    public void ThrowIfOther(SfBlob blob, byte[] found, string aftermath)
    {
        if (!Matches(found))
        {
            throw new SfException(SfErrors.HashMismatch,
                $"The data of blob {blob.Uuid:D} has the {Algorithm} {Write(found)}, where {Hex} is published. {aftermath}");
        }
    }
}
