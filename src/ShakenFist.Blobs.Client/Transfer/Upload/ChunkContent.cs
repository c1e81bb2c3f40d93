using System.Net;

namespace ShakenFist.Blobs.Transfer;

/// <summary>The body of an append request: a chunk of the file, and the additional byte if it is guarded. It is written in small pieces, for the rate limit and the progress.</summary>
internal sealed class ChunkContent : HttpContent
{
    private const int MaxPiece = 128 * 1024;

    private readonly ReadOnlyMemory<byte> _chunk;
    private readonly bool _isGuarded;
    private readonly int _piece;
    private readonly Func<int, CancellationToken, ValueTask> _written;

    /// <param name="chunk">The bytes of the file.</param>
    /// <param name="isGuarded">Whether to add the byte of <see cref="JsonGuard"/>.</param>
    /// <param name="maxPiece">The maximum number of bytes to write in one operation.</param>
    /// <param name="written">Called after each piece. Can wait because of a rate limit.</param>
    public ChunkContent(ReadOnlyMemory<byte> chunk, bool isGuarded, int maxPiece, Func<int, CancellationToken, ValueTask> written)
    {
        _chunk = chunk;
        _isGuarded = isGuarded;
        _piece = Math.Min(MaxPiece, maxPiece);
        _written = written;
        Headers.ContentType = new("application/octet-stream");
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        for (int offset = 0; offset < _chunk.Length; offset += _piece)
        {
            ReadOnlyMemory<byte> piece = _chunk.Slice(offset, Math.Min(_piece, _chunk.Length - offset));
            await stream.WriteAsync(piece, cancellationToken).ConfigureAwait(false);
            await _written(piece.Length, cancellationToken).ConfigureAwait(false);
        }

        if (_isGuarded)
        {
            await stream.WriteAsync(new[] { JsonGuard.Byte }, cancellationToken).ConfigureAwait(false);
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _chunk.Length + (_isGuarded ? 1 : 0);
        return true;
    }
}
