using System.Buffers.Binary;
using System.Text;

namespace ShakenFist.Blobs.Images;

/// <summary>
/// Bytes of an image that can be read at any offset: beyond the end, zeros and empty texts are returned. The content of an image therefore causes no
/// exceptions. If the end matters, the format checks <see cref="Length"/>.
/// </summary>
internal readonly struct ImageBytes(ReadOnlyMemory<byte> memory)
{
    private const int WidestField = 16;

    public int Length => memory.Length;

    public ReadOnlySpan<byte> Span => memory.Span;

    private static ReadOnlySpan<byte> Zeros => [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    public byte this[long offset] => Field(offset, sizeof(byte))[0];

    public bool Has(long offset, ReadOnlySpan<byte> magic) => Part(offset, magic.Length).Span.SequenceEqual(magic);

    public ushort U16Be(long offset) => BinaryPrimitives.ReadUInt16BigEndian(Field(offset, sizeof(ushort)));

    public uint U32Be(long offset) => BinaryPrimitives.ReadUInt32BigEndian(Field(offset, sizeof(uint)));

    public ulong U64Be(long offset) => BinaryPrimitives.ReadUInt64BigEndian(Field(offset, sizeof(ulong)));

    public ushort U16Le(long offset) => BinaryPrimitives.ReadUInt16LittleEndian(Field(offset, sizeof(ushort)));

    public uint U32Le(long offset) => BinaryPrimitives.ReadUInt32LittleEndian(Field(offset, sizeof(uint)));

    public ulong U64Le(long offset) => BinaryPrimitives.ReadUInt64LittleEndian(Field(offset, sizeof(ulong)));

    /// <summary>Reads a GUID in the form of Microsoft's formats and GPT: its first three fields are little-endian.</summary>
    public Guid Guid(long offset) => new(Field(offset, WidestField));

    /// <summary>Reads a GUID whose bytes are in the order of its text.</summary>
    public Guid GuidBe(long offset) => new(Field(offset, WidestField), bigEndian: true);

    /// <summary>Gets the available bytes of a range.</summary>
    public ImageBytes Part(long offset, long count)
    {
        if (offset < 0 || offset >= Length || count <= 0)
        {
            return default;
        }

        return new ImageBytes(memory.Slice((int)offset, (int)Math.Min(count, Length - offset)));
    }

    /// <summary>Reads UTF-8 text up to the first zero.</summary>
    public string Utf8(long offset, int count) => Ended(Encoding.UTF8, offset, count);

    /// <summary>Reads little-endian UTF-16 text up to the first zero.</summary>
    public string Utf16Le(long offset, int count) => Ended(Encoding.Unicode, offset, count);

    /// <summary>Reads big-endian UTF-16 text up to the first zero.</summary>
    public string Utf16Be(long offset, int count) => Ended(Encoding.BigEndianUnicode, offset, count);

    private string Ended(Encoding encoding, long offset, int count)
    {
        string text = encoding.GetString(Part(offset, count).Span);
        int end = text.IndexOf('\0', StringComparison.Ordinal);
        return end < 0 ? text : text[..end];
    }

    private ReadOnlySpan<byte> Field(long offset, int size) => offset >= 0 && offset <= Length - size ? memory.Span.Slice((int)offset, size) : Zeros[..size];
}
