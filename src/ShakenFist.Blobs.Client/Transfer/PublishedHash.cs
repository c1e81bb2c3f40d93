using System.Security.Cryptography;

namespace ShakenFist.Blobs.Transfer;

/// <summary>A hash that the cluster published and that a file can be held to.</summary>
internal sealed record PublishedHash(SfHashAlgorithm Algorithm, string Hex)
{
    private static readonly (SfHashAlgorithm Algorithm, string Name, int Digits)[] Preferred =
    [
        (SfHashAlgorithm.SHA512, "sha512", 128),
        (SfHashAlgorithm.SHA256, "sha256", 64),
        (SfHashAlgorithm.SHA1, "sha1", 40),
    ];

    /// <summary>The strongest hash published for the blob that has the form of one, or null.</summary>
    public static PublishedHash? Of(SfBlob blob)
    {
        foreach ((SfHashAlgorithm algorithm, string name, int digits) in Preferred)
        {
            string? hex = blob.Checksums.TryGetValue(name, out string? value) ? value : algorithm == SfHashAlgorithm.SHA512 ? blob.Sha512 : null;
            if (hex?.Length == digits && hex.All(char.IsAsciiHexDigit))
            {
                return new PublishedHash(algorithm, hex.ToLowerInvariant());
            }
        }

        return null;
    }

    /// <summary>Whether this is the hash, compared by value and not by its letters' case.</summary>
    public bool Matches(byte[] hash) => Convert.FromHexString(Hex).AsSpan().SequenceEqual(hash);

    public HashAlgorithm CreateHasher() => Algorithm switch
    {
        SfHashAlgorithm.SHA512 => SHA512.Create(),
        SfHashAlgorithm.SHA256 => SHA256.Create(),
#pragma warning disable CA5350 // Only where the cluster has published nothing stronger.
        _ => SHA1.Create(),
#pragma warning restore CA5350
    };
}
