namespace ShakenFist.Blobs.Transfer;

/// <summary>A stretch of a blob in memory.</summary>
internal sealed class MemoryWindow(long start, int length) : IWindowTarget
{
    private readonly byte[] _bytes = new byte[length];

    /// <summary>The bytes as an array that is the caller's from now on.</summary>
    public byte[] ToArray() => _bytes;

    public void Write(ReadOnlySpan<byte> bytes, long offset) => bytes.CopyTo(_bytes.AsSpan((int)(offset - start)));

    public int Read(Span<byte> bytes, long offset)
    {
        _bytes.AsSpan((int)(offset - start), bytes.Length).CopyTo(bytes);
        return bytes.Length;
    }

    /// <summary>Bytes from the beginning that are right, as far as is known.</summary>
    public long Arrived { get; private set; }

    public void Reached(long position)
    {
        // Whoever has asked for the range takes it when it is whole.
    }

    public void Accepted(long position) => Arrived = position - start;
}
