namespace ShakenFist.Blobs.Transfer;

/// <summary>A range of a blob in memory.</summary>
internal sealed class MemoryTarget(long start, int length) : IDataTarget
{
    private readonly byte[] _bytes = new byte[length];

    /// <summary>Number of valid bytes from the start of the range.</summary>
    public long ValidLength { get; private set; }

    /// <summary>Returns the bytes. The caller owns the array.</summary>
    public byte[] ToArray() => _bytes;

    public void Write(ReadOnlySpan<byte> bytes, long offset) => bytes.CopyTo(_bytes.AsSpan((int)(offset - start)));

    public int Read(Span<byte> bytes, long offset)
    {
        _bytes.AsSpan((int)(offset - start), bytes.Length).CopyTo(bytes);
        return bytes.Length;
    }

    public void Received(long position)
    {
        // The caller reads the array after the range is complete, so nothing is done here.
    }

    public void Validated(long position, bool confirmed) => ValidLength = position - start;
}
