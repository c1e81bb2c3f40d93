using System.Buffers;

namespace ShakenFist.Blobs.Transfer;

/// <summary>A range of a second download. Its bytes are not written, but compared with those of the file. Blocks that differ are no longer complete.</summary>
internal sealed class ComparedRange(PartialDownload download) : IDataTarget
{
    private readonly List<(long From, long To)> _differences = [];

    /// <summary>The places that differ: from the first byte that differs, to the end of its block or of the bytes that were received with it.</summary>
    public IReadOnlyList<(long From, long To)> Differences => _differences;

    public void Write(ReadOnlySpan<byte> bytes, long offset)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(bytes.Length);
        try
        {
            ReadOnlySpan<byte> own = buffer.AsSpan(0, download.ReadAll(buffer.AsSpan(0, bytes.Length), offset));
            for (int start = 0, end; start < bytes.Length; start = end)
            {
                end = (int)Math.Min(bytes.Length, download.EndOf(download.BlockAt(offset + start)) - offset);
                int equal = bytes[start..end].CommonPrefixLength(own[Math.Min(start, own.Length)..]);
                if (equal < end - start)
                {
                    _differences.Add((offset + start + equal, offset + end));
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    public int Read(Span<byte> bytes, long offset) => download.Read(bytes, offset);

    public void Received(long position)
    {
        // The response may still be found invalid, so nothing is decided here.
    }

    public void Validated(long position, bool confirmed)
    {
        _differences.RemoveAll(difference => difference.From >= position);
        foreach ((long from, _) in _differences)
        {
            download.Dispute(download.BlockAt(from));
        }
    }
}
