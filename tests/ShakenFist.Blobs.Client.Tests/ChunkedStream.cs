namespace ShakenFist.Blobs.Client.Tests;

/// <summary>A stream that returns bytes in pieces until the connection breaks. Each piece can have a delay.</summary>
internal sealed class ChunkedStream(ReadOnlyMemory<byte> bytes, int[] pieces, int breakAfter, Action? wait = null) : Stream
{
    private int _at;
    private int _piece;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        wait?.Invoke();
        int max = breakAfter > 0 ? Math.Min(breakAfter, bytes.Length) - _at : bytes.Length - _at;
        if (max == 0 && breakAfter > 0 && breakAfter <= bytes.Length)
        {
            throw new IOException("The connection broke.");
        }

        int count = Math.Min(Math.Min(buffer.Length, max), pieces[_piece++ % pieces.Length]);
        bytes.Slice(_at, count).CopyTo(buffer);
        _at += count;
        return ValueTask.FromResult(count);
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }
}
