using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;

namespace ShakenFist.Blobs.Transfer;

/// <summary>
/// Hashes parts to know them again: to see at a resumption that the file still holds what was written, and at a mismatch which part is to blame. That is proof
/// against accident and need be no more. Used by one worker at a time.
/// </summary>
internal sealed class PartHasher : IDisposable
{
    private const int BlockBytes = 256 * 1024;
    private const int HashBytes = 16;

    private readonly HashAlgorithm _algorithm;

    public PartHasher(Func<HashAlgorithm>? createXxh128) => _algorithm = createXxh128?.Invoke() ?? SHA256.Create();

    /// <summary>How the journal names the hash: XXH128, or the first half of SHA-256 where there is no XXH128.</summary>
    public static string NameOf(Func<HashAlgorithm>? createXxh128) => createXxh128 is null ? "SHA256/128" : "XXH128";

    /// <summary>The hash of bytes in memory.</summary>
    public UInt128 Hash(ReadOnlySpan<byte> bytes)
    {
        // A file that ended early may have left something in it.
        _algorithm.Initialize();
        Span<byte> hash = stackalloc byte[64];
        _ = _algorithm.TryComputeHash(bytes, hash, out _);
        return BinaryPrimitives.ReadUInt128BigEndian(hash[..HashBytes]);
    }

    /// <summary>The hash of a stretch of a file; null if the file ends before.</summary>
    public UInt128? Hash(PartialFile file, long from, long to, CancellationToken cancellationToken)
    {
        byte[] block = ArrayPool<byte>.Shared.Rent(BlockBytes);
        try
        {
            _algorithm.Initialize();
            for (long position = from; position < to;)
            {
                cancellationToken.ThrowIfCancellationRequested();
                int read = file.Read(block.AsSpan(0, (int)Math.Min(BlockBytes, to - position)), position);
                if (read == 0)
                {
                    return null;
                }

                _algorithm.TransformBlock(block, 0, read, null, 0);
                position += read;
            }

            _algorithm.TransformFinalBlock([], 0, 0);
            return BinaryPrimitives.ReadUInt128BigEndian(_algorithm.Hash.AsSpan(0, HashBytes));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
        }
    }

    public void Dispose() => _algorithm.Dispose();
}
