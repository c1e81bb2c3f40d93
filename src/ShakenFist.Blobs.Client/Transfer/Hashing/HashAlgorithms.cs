using System.Runtime.Intrinsics.X86;
using System.Security.Cryptography;
using ArmSha256 = System.Runtime.Intrinsics.Arm.Sha256;

namespace ShakenFist.Blobs.Transfer;

/// <summary>The server's name, the length, and the hasher of each hash algorithm.</summary>
internal static class HashAlgorithms
{
    /// <summary>Whether this processor has instructions for SHA-256. If not, SHA-512 is faster on 64-bit systems.</summary>
    public static bool IsSha256Fast { get; } = ArmSha256.IsSupported || (X86Base.IsSupported && HasShaExtensions());

    /// <summary>Returns the name in routes and in <c>checksums</c>.</summary>
    public static string ServerName(this SfHashAlgorithm algorithm) => algorithm switch
    {
        SfHashAlgorithm.SHA512 => "sha512",
        SfHashAlgorithm.SHA256 => "sha256",
        SfHashAlgorithm.SHA1 => "sha1",
        _ => "xxh128",
    };

    /// <summary>Returns the length of the hash in hexadecimal digits.</summary>
    public static int Digits(this SfHashAlgorithm algorithm) => algorithm switch
    {
        SfHashAlgorithm.SHA512 => 128,
        SfHashAlgorithm.SHA256 => 64,
        SfHashAlgorithm.SHA1 => 40,
        _ => 32,
    };

    /// <summary>Whether the text has the form of a hash, in upper or lower case.</summary>
    public static bool IsHash(this SfHashAlgorithm algorithm, string? text) =>
        text is not null && text.Length == algorithm.Digits() && text.All(char.IsAsciiHexDigit);

    /// <summary>Returns the only algorithm whose hashes have this length, or null.</summary>
    public static SfHashAlgorithm? ByLength(int digits) => digits switch
    {
        128 => SfHashAlgorithm.SHA512,
        64 => SfHashAlgorithm.SHA256,
        40 => SfHashAlgorithm.SHA1,

        // A hash of 32 digits can also be MD5, which clusters do not publish. Therefore, the algorithm must be specified.
        _ => null,
    };

    /// <summary>Creates a hasher of .NET. The caller must create a hasher for XXH128.</summary>
    public static HashAlgorithm Create(this SfHashAlgorithm algorithm) => algorithm switch
    {
        SfHashAlgorithm.SHA512 => SHA512.Create(),
        SfHashAlgorithm.SHA256 => SHA256.Create(),
#pragma warning disable CA5350 // Only if the cluster has not published a stronger hash, or the user specifies SHA-1.
        SfHashAlgorithm.SHA1 => SHA1.Create(),
#pragma warning restore CA5350
        _ => throw new NotSupportedException("XXH128 requires a hasher that the caller provides."),
    };

    /// <summary>Reads bit 29 of EBX in CPUID leaf 7.</summary>
    private static bool HasShaExtensions() => X86Base.CpuId(0, 0).Eax >= 7 && (X86Base.CpuId(7, 0).Ebx & (1 << 29)) != 0;
}
