using System.Security.Cryptography;
using System.Text;
using ShakenFist.Blobs.Resilience;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Client.Tests;

public sealed class HashTests
{
    [Theory]
    [InlineData(SfHashAlgorithm.SHA512, "sha512", 128)]
    [InlineData(SfHashAlgorithm.SHA256, "sha256", 64)]
    [InlineData(SfHashAlgorithm.SHA1, "sha1", 40)]
    [InlineData(SfHashAlgorithm.XXH128, "xxh128", 32)]
    public void Each_algorithm_has_its_name_and_length(SfHashAlgorithm algorithm, string name, int digits)
    {
        Assert.Equal((name, digits), (algorithm.ServerName(), algorithm.Digits()));
        Assert.Equal(algorithm == SfHashAlgorithm.XXH128 ? null : algorithm, HashAlgorithms.ByLength(digits));
        Assert.True(algorithm.IsHash(new string('a', digits)) && algorithm.IsHash(new string('F', digits)));
        Assert.False(algorithm.IsHash(new string('a', digits - 1)) || algorithm.IsHash(new string('a', digits + 1)) || algorithm.IsHash(new string('g', digits)));
        Assert.False(algorithm.IsHash(null) || algorithm.IsHash(string.Empty) || algorithm.IsHash(new string('٣', digits)));
        if (algorithm == SfHashAlgorithm.XXH128)
        {
            Assert.Throws<NotSupportedException>(() => algorithm.Create());
        }
        else
        {
            using HashAlgorithm hasher = algorithm.Create();
            Assert.Equal(digits * 4, hasher.HashSize);
        }
    }

    [Fact]
    public void Every_algorithm_is_in_the_table_and_no_other_length_names_one()
    {
        Assert.Equal(4, Enum.GetValues<SfHashAlgorithm>().Select(a => a.ServerName()).Distinct().Count());
        Assert.Equal([40, 64, 128], Enumerable.Range(0, 300).Where(digits => HashAlgorithms.ByLength(digits) is not null));
    }

    private static SfBlob Blob(string? sha512, params (string Name, string Value)[] checksums)
    {
        SfBlob blob = new() { Uuid = Guid.NewGuid(), Sha512 = sha512 };
        foreach ((string name, string value) in checksums)
        {
            blob.Checksums[name] = value;
        }

        return blob;
    }

    [Fact]
    public void The_faster_valid_SHA_2_hash_is_chosen_and_XXH128_only_if_specified()
    {
        string sha512 = new('A', 128), sha256 = new('b', 64), sha1 = new('c', 40), xxh = new('d', 32);
        Assert.Equal(new PublishedHash(SfHashAlgorithm.SHA512, sha512.ToLowerInvariant()), PublishedHash.Of(Blob(sha512)));
        Assert.Equal(HashAlgorithms.IsSha256Fast ? SfHashAlgorithm.SHA256 : SfHashAlgorithm.SHA512, PublishedHash.Of(Blob(null, ("SHA512", sha512), ("sha256", sha256)))!.Algorithm);
        Assert.Equal(SfHashAlgorithm.SHA256, PublishedHash.Of(Blob("none", ("sha256", sha256), ("sha1", sha1)))!.Algorithm);
        Assert.Equal(SfHashAlgorithm.SHA1, PublishedHash.Of(Blob(null, ("sha256", "x"), ("sha1", sha1), ("xxh128", xxh)))!.Algorithm);
        Assert.Null(PublishedHash.Of(Blob(null, ("xxh128", xxh), ("md5", xxh))));
        Assert.Equal(xxh, PublishedHash.Of(Blob(null, ("xxh128", xxh)), SfHashAlgorithm.XXH128)!.Hex);
        Assert.Null(PublishedHash.Of(Blob(sha512), SfHashAlgorithm.SHA256));
    }

    [Theory]
    [InlineData("")]
    [InlineData("pending")]
    public void An_invalid_hash_does_not_hide_a_valid_one(string nonsense) =>
        Assert.Equal(new string('a', 128), PublishedHash.Of(Blob(new string('a', 128), ("sha512", nonsense)))?.Hex);

    [Fact]
    public void Hashes_are_compared_by_value_and_a_mismatch_reports_both()
    {
        byte[] bytes = SHA256.HashData("x"u8);
        PublishedHash hash = PublishedHash.Of(Blob(null, ("sha256", Convert.ToHexString(bytes))))!;
        Assert.Equal(hash.Hex, PublishedHash.Write(bytes));
        Assert.True(hash.Matches(bytes));
        Assert.False(hash.Matches(bytes[..^1]) || hash.Matches([]) || hash.Matches(SHA256.HashData("y"u8)));
        hash.ThrowIfOther(Blob(null), bytes, "");
        bytes[0] ^= 1;
        SfException e = SfAssert.Throws(SfErrors.HashMismatch, () => hash.ThrowIfOther(Blob(null), bytes, "After."));
        Assert.Contains(hash.Hex, e.Message, StringComparison.Ordinal);
        Assert.Contains(PublishedHash.Write(bytes), e.Message, StringComparison.Ordinal);
        Assert.EndsWith("After.", e.Message, StringComparison.Ordinal);
    }

    // The empty text and "abc" as the author of the algorithm publishes them. The byte 34 is a blob of the recorded server.
    [Theory]
    [InlineData("", "99aa06d3014798d86001c324468d497f")]
    [InlineData("abc", "06b05ab6733a618578af5f94892f3950")]
    [InlineData("\"", "748c656f86fdad7e277b1946ac9655b6")]
    public void XXH128_equals_the_hash_that_clusters_publish(string text, string expected)
    {
        using HashAlgorithm hasher = Xxh128.Create();
        Assert.Equal(128, hasher.HashSize);
        Assert.Equal(expected, PublishedHash.Write(hasher.ComputeHash(Encoding.UTF8.GetBytes(text))));
        Assert.Equal(expected, PublishedHash.Write(hasher.ComputeHash(Encoding.UTF8.GetBytes(text))));
    }

    [Fact]
    public void XXH128_of_chunks_is_XXH128_of_the_whole()
    {
        byte[] content = Download.Random(10_000);
        using HashAlgorithm hasher = Xxh128.Create();
        byte[] whole = hasher.ComputeHash(content);
        for (int at = 0, piece = 1; at < content.Length; at += piece, piece += 7)
        {
            hasher.TransformBlock(content, at, Math.Min(piece, content.Length - at), null, 0);
        }

        hasher.TransformFinalBlock([], 0, 0);
        Assert.Equal(whole, hasher.Hash);
    }
}
