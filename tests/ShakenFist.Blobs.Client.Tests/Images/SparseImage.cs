using System.Text;
using ShakenFist.Blobs.Images;

namespace ShakenFist.Blobs.Client.Tests.Images;

/// <summary>An image of any length that contains zeros except for written bytes, and records what is read.</summary>
internal sealed class SparseImage(long length) : IImageSource
{
    private const int PageBytes = 512;

    private readonly Dictionary<long, byte[]> _pages = [];

    public long Length { get; set; } = length;

    public List<(long Offset, int Count)> Reads { get; } = [];

    /// <summary>The offsets of all bytes that are not zero.</summary>
    public IEnumerable<long> Written => _pages.OrderBy(page => page.Key).SelectMany(page => Enumerable.Range(0, PageBytes).Where(i => page.Value[i] != 0).Select(i => page.Key * PageBytes + i));

    public byte this[long offset]
    {
        get => _pages.TryGetValue(offset / PageBytes, out byte[]? page) ? page[offset % PageBytes] : (byte)0;
        set
        {
            if (!_pages.TryGetValue(offset / PageBytes, out byte[]? page))
            {
                _pages[offset / PageBytes] = page = new byte[PageBytes];
            }

            page[offset % PageBytes] = value;
        }
    }

    public static SparseImage Of(ReadOnlySpan<byte> bytes)
    {
        SparseImage image = new(bytes.Length);
        for (int at = 0; at < bytes.Length; at += PageBytes)
        {
            ReadOnlySpan<byte> page = bytes[at..Math.Min(at + PageBytes, bytes.Length)];
            if (page.ContainsAnyExcept((byte)0))
            {
                page.CopyTo(image._pages[at / PageBytes] = new byte[PageBytes]);
            }
        }

        return image;
    }

    public SparseImage Copy()
    {
        SparseImage copy = new(Length);
        foreach ((long key, byte[] page) in _pages)
        {
            copy._pages[key] = [.. page];
        }

        return copy;
    }

    public SparseImage Put(long offset, ReadOnlySpan<byte> bytes)
    {
        for (int i = 0; i < bytes.Length; i++)
        {
            this[offset + i] = bytes[i];
        }

        return this;
    }

    public SparseImage Put(long offset, string text, Encoding? encoding = null) => Put(offset, (encoding ?? Encoding.UTF8).GetBytes(text));

    public SparseImage Be16(long offset, int value) => Put(offset, [(byte)(value >> 8), (byte)value]);

    public SparseImage Be32(long offset, uint value) => Be16(offset, (int)(value >> 16)).Be16(offset + 2, (int)(value & 0xffff));

    public SparseImage Be64(long offset, ulong value) => Be32(offset, (uint)(value >> 32)).Be32(offset + 4, (uint)value);

    public SparseImage Le16(long offset, int value) => Put(offset, [(byte)value, (byte)(value >> 8)]);

    public SparseImage Le32(long offset, uint value) => Le16(offset, (int)(value & 0xffff)).Le16(offset + 2, (int)(value >> 16));

    public SparseImage Le64(long offset, ulong value) => Le32(offset, (uint)value).Le32(offset + 4, (uint)(value >> 32));

    public SparseImage Uuid(long offset, Guid value, bool bigEndian = false) => Put(offset, value.ToByteArray(bigEndian));

    public byte[] Bytes(long offset, int count)
    {
        byte[] bytes = new byte[count];
        for (int i = 0; i < count; i++)
        {
            bytes[i] = this[offset + i];
        }

        return bytes;
    }

    public ValueTask<ReadOnlyMemory<byte>> ReadAsync(long offset, int count, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Assert.InRange(offset, 0, Length);
        Assert.InRange(count, 1, Length - offset);
        Reads.Add((offset, count));
        byte[] bytes = new byte[count];
        for (long page = offset / PageBytes; page <= (offset + count - 1) / PageBytes; page++)
        {
            if (_pages.TryGetValue(page, out byte[]? held))
            {
                long from = Math.Max(offset, page * PageBytes);
                long to = Math.Min(offset + count, page * PageBytes + PageBytes);
                held.AsSpan((int)(from % PageBytes), (int)(to - from)).CopyTo(bytes.AsSpan((int)(from - offset)));
            }
        }

        return ValueTask.FromResult<ReadOnlyMemory<byte>>(bytes);
    }
}
