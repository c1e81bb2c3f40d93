using System.Buffers.Binary;

namespace ShakenFist.Blobs.Emulator;

/// <summary>
/// Pseudo-random bytes of any length, stored nowhere. A block of noise repeats, and each 4 KiB page begins with its own
/// number, so that no two pages are equal and a misplaced page is noticed; reading costs little more than a copy.
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
