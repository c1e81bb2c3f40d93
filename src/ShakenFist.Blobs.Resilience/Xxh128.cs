using System.IO.Hashing;
using System.Security.Cryptography;

namespace ShakenFist.Blobs.Resilience;

/// <summary>XXH128 as .NET's own <see cref="HashAlgorithm"/>, which is all that is seen of it outside this room.</summary>
public static class Xxh128
{
    /// <summary>Makes a hasher; its hash is the 16 bytes in the order in which they are written as hex.</summary>
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
