using System.IO.Hashing;
using System.Security.Cryptography;

namespace ShakenFist.Blobs.Emulator;

/// <summary>The four checksums that a cluster can publish for a blob, in lower-case hexadecimal digits.</summary>
internal sealed record Checksums(string Sha512, string Sha256, string Sha1, string Xxh128)
{
    /// <summary>Computes only the SHA-512 checksum.</summary>
    public static string Sha512Of(BlobContent content)
    {
        using var sha512 = IncrementalHash.CreateHash(HashAlgorithmName.SHA512);
        byte[] buffer = new byte[(int)Math.Clamp(content.Length, 1, 1 << 20)];
        for (long offset = 0; offset < content.Length; offset += buffer.Length)
        {
            Span<byte> piece = buffer.AsSpan(0, (int)Math.Min(buffer.Length, content.Length - offset));
            content.Read(offset, piece);
            sha512.AppendData(piece);
        }

        return Convert.ToHexStringLower(sha512.GetHashAndReset());
    }

    public static Checksums Of(BlobContent content)
    {
        using var sha512 = IncrementalHash.CreateHash(HashAlgorithmName.SHA512);
        using var sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var sha1 = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
        var xxh128 = new XxHash128();

        byte[] buffer = new byte[(int)Math.Clamp(content.Length, 1, 1 << 18)];
        for (long offset = 0; offset < content.Length; offset += buffer.Length)
        {
            Span<byte> piece = buffer.AsSpan(0, (int)Math.Min(buffer.Length, content.Length - offset));
            content.Read(offset, piece);
            sha512.AppendData(piece);
            sha256.AppendData(piece);
            sha1.AppendData(piece);
            xxh128.Append(piece);
        }

        return new Checksums(
            Convert.ToHexStringLower(sha512.GetHashAndReset()),
            Convert.ToHexStringLower(sha256.GetHashAndReset()),
            Convert.ToHexStringLower(sha1.GetHashAndReset()),
            Convert.ToHexStringLower(xxh128.GetHashAndReset()));
    }
}
