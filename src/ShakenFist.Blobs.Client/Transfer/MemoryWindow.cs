namespace ShakenFist.Blobs.Transfer;

/// <summary>A stretch of a blob in memory.</summary>
internal sealed class MemoryWindow(int capacity) : IWindowTarget
{
    private readonly byte[] _bytes = new byte[capacity];

    /// <summary>Offset in the blob of the first byte.</summary>
    public long Start { get; private set; }

    /// <summary>Bytes held.</summary>
    public int Length { get; private set; }

    /// <summary>Offset in the blob after the last byte.</summary>
    public long End => Start + Length;

    /// <summary>Holds another stretch from now on; its bytes are yet to be written.</summary>
    public void MoveTo(long start, int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, _bytes.Length);
        Start = start;
        Length = length;
    }

    public void Write(ReadOnlySpan<byte> bytes, long offset) => bytes.CopyTo(_bytes.AsSpan((int)(offset - Start), Length - (int)(offset - Start)));

    public void Read(Span<byte> bytes, long offset) => _bytes.AsSpan((int)(offset - Start), bytes.Length).CopyTo(bytes);

    /// <summary>The bytes from an offset on.</summary>
    public ReadOnlyMemory<byte> From(long offset) => _bytes.AsMemory((int)(offset - Start), (int)(End - offset));
}
