using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace ShakenFist.Blobs.Transfer;

/// <summary>
/// Hashes blocks. The hashes are used to check that a file still contains the written data when a transfer is resumed, and to find the damaged block after a mismatch.
/// They detect accidental changes only, which is enough for this purpose. Each worker has its own instance.
/// </summary>
internal sealed class BlockHasher : IDisposable
{
    private const int BufferBytes = 256 * 1024;
    private const int HashBytes = 16;

    private readonly HashAlgorithm _algorithm;

    public BlockHasher(Func<HashAlgorithm>? createXxh128) => _algorithm = createXxh128?.Invoke() ?? SHA256.Create();

    /// <summary>Returns the name of the hash in the journal: XXH128, or the first half of SHA-256 if XXH128 is not available.</summary>
    public static string NameOf(Func<HashAlgorithm>? createXxh128) => createXxh128 is null ? "SHA256/128" : "XXH128";

    /// <summary>Returns the hash of bytes in memory.</summary>
    public UInt128 Hash(ReadOnlySpan<byte> bytes)
    {
        // The hasher can still contain data of a file that ended early.
        _algorithm.Initialize();
        Span<byte> hash = stackalloc byte[64];
        _ = _algorithm.TryComputeHash(bytes, hash, out _);
        return BinaryPrimitives.ReadUInt128BigEndian(hash[..HashBytes]);
    }

    /// <summary>Returns the hash of a range of a file. Null if the file ends before the range does.</summary>
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
