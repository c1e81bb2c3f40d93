namespace ShakenFist.Blobs.Transfer;

/// <summary>
/// A seekable read-only stream of the data of a blob, for any .NET code. It reads ahead in blocks, which are retried and checked like any range of a blob. The whole
/// blob is not verified, because it may never be read completely.
/// </summary>
internal sealed class BlobStream(SfSession session, SfBlob blob, TimeSpan retryTimeout, ISfLog log) : Stream
{
    private const int BlockBytes = 1024 * 1024;

    private readonly long _length = BlobRange.SizeOf(blob);
    private byte[] _block = [];
    private long _blockStart;
    private long _position;
    private bool _closed;

    public override bool CanRead => !_closed;

    public override bool CanSeek => !_closed;

    public override bool CanWrite => false;

    public override long Length
    {
        get
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            return _length;
        }
    }

    public override long Position
    {
        get
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            return _position;
        }

        set
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            _position = value;
        }
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_closed, this);
        cancellationToken.ThrowIfCancellationRequested();
        if (_position >= _length || buffer.Length == 0)
        {
            return 0;
        }

        if (_position < _blockStart || _position >= _blockStart + _block.Length)
        {
            _block = await BlobRange.ReadAsync(session, blob, _position, (int)Math.Min(BlockBytes, _length - _position), retryTimeout, log, cancellationToken).ConfigureAwait(false);
            _blockStart = _position;
        }

        ReadOnlyMemory<byte> there = _block.AsMemory((int)(_position - _blockStart));
        int count = Math.Min(there.Length, buffer.Length);
        there[..count].CopyTo(buffer);
        _position += count;
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        ValidateBufferArguments(buffer, offset, count);
        return ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
    }

    // Stream requires a blocking read.
    public override int Read(byte[] buffer, int offset, int count) => Task.Run(() => ReadAsync(buffer, offset, count, CancellationToken.None)).GetAwaiter().GetResult();

    public override long Seek(long offset, SeekOrigin origin)
    {
        long position = origin switch
        {
            SeekOrigin.Begin => offset,
            SeekOrigin.Current => Position + offset,
            SeekOrigin.End => Length + offset,
            _ => throw new ArgumentException("The origin is not valid.", nameof(origin)),
        };
        return Position = position >= 0 ? position : throw new IOException("Cannot seek to a position before the start of the stream.");
    }

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException("The stream is read-only.");

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("The stream is read-only.");

    protected override void Dispose(bool disposing)
    {
        _closed = true;
        _block = [];
        base.Dispose(disposing);
    }
}
