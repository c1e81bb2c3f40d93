using System.Buffers;

namespace ShakenFist.Blobs.Emulator;

/// <summary>A response body that is written in several blocks, so that a list of 100 000 blobs does not need one large array.</summary>
internal sealed class SegmentedContent : BlobContent, IBufferWriter<byte>
{
    private const int BlockSize = 1 << 20;

    private readonly List<(byte[] Block, long Start)> _blocks = [];
    private byte[] _current = [];
    private int _used;
    private long _start;

    public override long Length => _start + _used;

    public void Advance(int count) => _used += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        if (_current.Length - _used < Math.Max(sizeHint, 1))
        {
            _start += _used;
            _current = new byte[_blocks.Count == 0 ? Math.Max(sizeHint, 4096) : Math.Max(sizeHint, BlockSize)];
            _used = 0;
            _blocks.Add((_current, _start));
        }

        return _current.AsMemory(_used);
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public override void Read(long offset, Span<byte> buffer)
    {
        for (int i = IndexOf(offset); !buffer.IsEmpty; i++)
        {
            (byte[] block, long start) = _blocks[i];
            long end = i + 1 < _blocks.Count ? _blocks[i + 1].Start : Length;
            int count = (int)Math.Min(buffer.Length, end - offset);
            block.AsSpan((int)(offset - start), count).CopyTo(buffer);
            buffer = buffer[count..];
            offset += count;
        }
    }

    private int IndexOf(long offset)
    {
        int low = 0;
        int high = _blocks.Count - 1;
        while (low < high)
        {
            int middle = (low + high + 1) / 2;
            if (_blocks[middle].Start <= offset)
            {
                low = middle;
            }
            else
            {
                high = middle - 1;
            }
        }

        return low;
    }
}
