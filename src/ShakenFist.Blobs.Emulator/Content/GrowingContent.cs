namespace ShakenFist.Blobs.Emulator;

/// <summary>Data in memory to which bytes can be appended, and whose length can be set. Ranges that were never written are zeros and need no memory.</summary>
internal sealed class GrowingContent : BlobContent
{
    private const int BlockSize = 1 << 16;

    private readonly Lock _gate = new();
    private readonly Dictionary<long, byte[]> _blocks = [];
    private long _length;

    public override long Length
    {
        get
        {
            lock (_gate)
            {
                return _length;
            }
        }
    }

    public override void Read(long offset, Span<byte> buffer)
    {
        lock (_gate)
        {
            while (!buffer.IsEmpty)
            {
                (long block, int start, int count) = Place(offset, buffer.Length);
                if (_blocks.TryGetValue(block, out byte[]? bytes))
                {
                    bytes.AsSpan(start, count).CopyTo(buffer);
                }
                else
                {
                    buffer[..count].Clear();
                }

                buffer = buffer[count..];
                offset += count;
            }
        }
    }

    /// <returns>The new length.</returns>
    public long Append(ReadOnlySpan<byte> data)
    {
        lock (_gate)
        {
            while (!data.IsEmpty)
            {
                (long block, int start, int count) = Place(_length, data.Length);
                if (!_blocks.TryGetValue(block, out byte[]? bytes))
                {
                    _blocks[block] = bytes = new byte[BlockSize];
                }

                data[..count].CopyTo(bytes.AsSpan(start));
                data = data[count..];
                _length += count;
            }

            return _length;
        }
    }

    /// <summary>Cuts the data, or extends it with zeros.</summary>
    public void SetLength(long length)
    {
        lock (_gate)
        {
            (long last, int start, _) = Place(length, 1);
            foreach (long block in _blocks.Keys.Where(block => block > last).ToArray())
            {
                _blocks.Remove(block);
            }

            if (length < _length && _blocks.TryGetValue(last, out byte[]? bytes))
            {
                bytes.AsSpan(start).Clear();
            }

            _length = length;
        }
    }

    private static (long Block, int Start, int Count) Place(long offset, int count)
    {
        (long block, long start) = Math.DivRem(offset, BlockSize);
        return (block, (int)start, (int)Math.Min(count, BlockSize - start));
    }
}
