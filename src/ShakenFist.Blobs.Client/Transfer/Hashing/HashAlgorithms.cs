using System.Runtime.Intrinsics.X86;
using System.Security.Cryptography;
using ArmSha256 = System.Runtime.Intrinsics.Arm.Sha256;

namespace ShakenFist.Blobs.Transfer;

/// <summary>What is to be known of each hash algorithm: the server's name for it, its length, and how to compute it.</summary>
internal static class HashAlgorithms
{
    /// <summary>Whether this processor has instructions for SHA-256; without them, SHA-512 is the faster one on 64 bits.</summary>
    public static bool IsSha256Fast { get; } = ArmSha256.IsSupported || (X86Base.IsSupported && HasShaExtensions());

    /// <summary>The name in routes and in <c>checksums</c>.</summary>
    public static string ServerName(this SfHashAlgorithm algorithm) => algorithm switch
    {
        SfHashAlgorithm.SHA512 => "sha512",
        SfHashAlgorithm.SHA256 => "sha256",
        SfHashAlgorithm.SHA1 => "sha1",
        _ => "xxh128",
    };

    /// <summary>Length of the hash in hex digits.</summary>
    public static int Digits(this SfHashAlgorithm algorithm) => algorithm switch
    {
        SfHashAlgorithm.SHA512 => 128,
        SfHashAlgorithm.SHA256 => 64,
        SfHashAlgorithm.SHA1 => 40,
        _ => 32,
    };

    /// <summary>Whether the text has the form of such a hash, in either case.</summary>
    public static bool IsHash(this SfHashAlgorithm algorithm, string? text) =>
        text is not null && text.Length == algorithm.Digits() && text.All(char.IsAsciiHexDigit);

    /// <summary>The algorithm whose hashes alone have this length, or null.</summary>
    public static SfHashAlgorithm? ByLength(int digits) => digits switch
    {
        128 => SfHashAlgorithm.SHA512,
        64 => SfHashAlgorithm.SHA256,
        40 => SfHashAlgorithm.SHA1,

        // 32 digits are as likely an MD5, which clusters do not publish: that one has to be named.
        _ => null,
    };

    /// <summary>A hasher of .NET. XXH128 is not among them and is created by the caller.</summary>
    public static HashAlgorithm Create(this SfHashAlgorithm algorithm) => algorithm switch
    {
        SfHashAlgorithm.SHA512 => SHA512.Create(),
        SfHashAlgorithm.SHA256 => SHA256.Create(),
#pragma warning disable CA5350 // Only where the cluster has published nothing stronger, or the user names it.
        SfHashAlgorithm.SHA1 => SHA1.Create(),
#pragma warning restore CA5350
        _ => throw new NotSupportedException("XXH128 requires a hasher that the caller provides."),
    };

    /// <summary>Leaf 7 of CPUID says it in bit 29 of EBX.</summary>
    private static bool HasShaExtensions() => X86Base.CpuId(0, 0).Eax >= 7 && (X86Base.CpuId(7, 0).Ebx & (1 << 29)) != 0;
}
