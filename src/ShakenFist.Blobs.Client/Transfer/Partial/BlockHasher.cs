using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace ShakenFist.Blobs.Transfer;

/// <summary>
/// Hashes blocks to recognize them: to see when a transfer is resumed that the file still holds what was written, and after a mismatch which block is to blame. That
/// detects accidental changes, and need not do more. Used by one worker at a time.
/// </summary>
internal sealed class BlockHasher : IDisposable
{
    private const int BufferBytes = 256 * 1024;
    private const int HashBytes = 16;

    private readonly HashAlgorithm _algorithm;

    public BlockHasher(Func<HashAlgorithm>? createXxh128) => _algorithm = createXxh128?.Invoke() ?? SHA256.Create();

    /// <summary>How the journal names the hash: XXH128, or the first half of SHA-256 if XXH128 is not available.</summary>
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

    /// <summary>The hash of a range of a file. Null if the file ends before the range does.</summary>
    public UInt128? Hash(SafeFileHandle file, long from, long to, CancellationToken cancellationToken)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            _algorithm.Initialize();
            for (long position = from; position < to;)
            {
                cancellationToken.ThrowIfCancellationRequested();
                int read = RandomAccess.Read(file, buffer.AsSpan(0, (int)Math.Min(BufferBytes, to - position)), position);
                if (read == 0)
                {
                    return null;
                }

                _algorithm.TransformBlock(buffer, 0, read, null, 0);
                position += read;
            }

            _algorithm.TransformFinalBlock([], 0, 0);
            return BinaryPrimitives.ReadUInt128BigEndian(_algorithm.Hash.AsSpan(0, HashBytes));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    public void Dispose() => _algorithm.Dispose();
}
