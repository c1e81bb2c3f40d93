namespace ShakenFist.Blobs.Emulator;

/// <summary>Content with one inverted bit.</summary>
internal sealed class FlippedContent(BlobContent inner, long at) : BlobContent
{
    public override long Length => inner.Length;

    public override void Read(long offset, Span<byte> buffer)
    {
        inner.Read(offset, buffer);
        if (at >= offset && at < offset + buffer.Length)
        {
            buffer[(int)(at - offset)] ^= 0x10;
        }
    }
}

/// <summary>Content that is zero from a position on, like a file whose last pages were never written.</summary>
internal sealed class ZeroedContent(BlobContent inner, long from) : BlobContent
{
    public override long Length => inner.Length;

    public override void Read(long offset, Span<byte> buffer)
    {
        inner.Read(offset, buffer);
        long start = Math.Max(from - offset, 0);
        if (start < buffer.Length)
        {
            buffer[(int)start..].Clear();
        }
    }
}

/// <summary>A range of other content.</summary>
internal sealed class RangeContent(BlobContent inner, long start, long length) : BlobContent
{
    public override long Length => length;

    public override void Read(long offset, Span<byte> buffer) => inner.Read(start + offset, buffer);
}

/// <summary>Content with additional bytes at its end.</summary>
internal sealed class PaddedContent(BlobContent inner, long extra) : BlobContent
{
    public override long Length => inner.Length + extra;

    public override void Read(long offset, Span<byte> buffer)
    {
        int real = (int)Math.Clamp(inner.Length - offset, 0, buffer.Length);
        if (real > 0)
        {
            inner.Read(offset, buffer[..real]);
        }

        buffer[real..].Fill((byte)'x');
    }
}
