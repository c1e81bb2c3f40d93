using System.Buffers.Binary;

namespace ShakenFist.Blobs.Emulator;

/// <summary>
/// Pseudo-random data of any length that needs no storage. A block of random bytes is repeated, and each 4 KiB page begins with its number. Therefore, no two pages are
/// equal, and a page at the wrong offset is detected. Reading is nearly as fast as copying.
/// </summary>
public sealed class GeneratedContent : BlobContent
{
    private const int PageSize = 4096;
    private const int BlockSize = 64 * PageSize;

    private readonly byte[] _noise = new byte[BlockSize];
    private readonly ulong _salt;

    public GeneratedContent(long size, int seed)
    {
        Length = size;
        new Random(seed).NextBytes(_noise);
        _salt = BinaryPrimitives.ReadUInt64LittleEndian(_noise);
    }

    public override long Length { get; }

    public override void Read(long offset, Span<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            int within = (int)(offset % BlockSize);
            int count = Math.Min(BlockSize - within, buffer.Length);
            _noise.AsSpan(within, count).CopyTo(buffer);
            Stamp(offset, buffer[..count]);
            buffer = buffer[count..];
            offset += count;
        }
    }

    private void Stamp(long offset, Span<byte> buffer)
    {
        Span<byte> mark = stackalloc byte[sizeof(ulong)];
        for (long page = offset / PageSize; page * PageSize < offset + buffer.Length; page++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(mark, (ulong)page ^ _salt);
            int at = (int)(page * PageSize - offset);
            int skip = Math.Max(0, -at);
            if (skip < mark.Length)
            {
                int length = Math.Min(mark.Length - skip, buffer.Length - at - skip);
                mark.Slice(skip, length).CopyTo(buffer[(at + skip)..]);
            }
        }
    }
}
