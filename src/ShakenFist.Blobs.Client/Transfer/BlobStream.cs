namespace ShakenFist.Blobs.Transfer;

/// <summary>
/// A blob as a seekable read-only stream for any .NET code: reads ahead in blocks, over one session, resumed and checked like any transfer of ranges. It cannot
/// verify the whole, since it may never see it.
/// </summary>
internal sealed class BlobStream(SfSession session, SfBlob blob, ISfLog log) : Stream
{
    private const int BlockBytes = 1024 * 1024;

    private readonly long _length = BlobRange.SizeOf(blob);
    private byte[] _block = [];
    private long _blockStart;
    private long _position;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => _length;

    public override long Position
    {
        get => _position;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            _position = value;
        }
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_position >= _length || buffer.Length == 0)
        {
            return 0;
        }

        if (_position < _blockStart || _position >= _blockStart + _block.Length)
        {
            _block = await BlobRange.ReadAsync(session, blob, _position, (int)Math.Min(BlockBytes, _length - _position), log, cancellationToken).ConfigureAwait(false);
            _blockStart = _position;
        }

        ReadOnlyMemory<byte> there = _block.AsMemory((int)(_position - _blockStart));
        int count = Math.Min(there.Length, buffer.Length);
        there[..count].CopyTo(buffer);
        _position += count;
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    // Stream's own contract asks for a blocking read.
    public override int Read(byte[] buffer, int offset, int count) => Task.Run(() => ReadAsync(buffer, offset, count, CancellationToken.None)).GetAwaiter().GetResult();

    public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => _position + offset,
        _ => _length + offset,
    };

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException("A blob cannot be changed.");

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("A blob cannot be changed.");
}
