using System.IO.Hashing;
using System.Security.Cryptography;

namespace ShakenFist.Blobs.Resilience;

/// <summary>Provides XXH128 as a <see cref="HashAlgorithm"/> of .NET, so that no type of the package is visible outside this load context.</summary>
public static class Xxh128
{
    /// <summary>Creates a hasher. Its hash has 16 bytes, in the order of its hexadecimal form.</summary>
    public static HashAlgorithm Create() => new Adapter();

    private sealed class Adapter : HashAlgorithm
    {
        private readonly XxHash128 _hash = new();

        public Adapter() => HashSizeValue = 128;

        public override void Initialize() => _hash.Reset();

        protected override void HashCore(byte[] array, int ibStart, int cbSize) => _hash.Append(array.AsSpan(ibStart, cbSize));

        protected override void HashCore(ReadOnlySpan<byte> source) => _hash.Append(source);

        protected override byte[] HashFinal() => _hash.GetCurrentHash();
    }
}
