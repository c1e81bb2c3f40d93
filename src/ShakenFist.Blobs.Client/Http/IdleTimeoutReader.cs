namespace ShakenFist.Blobs.Http;

/// <summary>Reads the body of an answer and ends when nothing has come for a while, even if the other end is dead and says nothing.</summary>
internal sealed class IdleTimeoutReader : IDisposable
{
    private readonly TimeSpan _idleTimeout;
    private readonly string _requestId;
    private readonly CancellationToken _cancellationToken;
    private readonly CancellationTokenSource _idle;
    private readonly CancellationTokenSource _either;
    private readonly Stream _stream;

    private IdleTimeoutReader(Stream stream, string requestId, SfTransportOptions options, CancellationToken cancellationToken)
    {
        _stream = stream;
        _idleTimeout = options.IdleTimeout;
        _requestId = requestId;
        _cancellationToken = cancellationToken;
        _idle = new CancellationTokenSource(Timeout.InfiniteTimeSpan, options.TimeProvider);
        _either = CancellationTokenSource.CreateLinkedTokenSource(_idle.Token, cancellationToken);
    }

    /// <summary>Ends the reading.</summary>
    public CancellationToken CancellationToken => _cancellationToken;

    public static async Task<IdleTimeoutReader> OpenAsync(ApiAnswer answer, SfTransportOptions options, CancellationToken cancellationToken)
    {
        // The stream comes back at once: only the head has been awaited.
        Stream stream = await answer.Message.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        return new IdleTimeoutReader(stream, answer.RequestId, options, cancellationToken);
    }

    /// <summary>Reads what is there; 0 at the end of the body.</summary>
    /// <exception cref="SfException"><see cref="SfErrors.ResponseStalled"/> when nothing came in time.</exception>
    /// <exception cref="IOException">The connection broke, or the body ended before its announced end.</exception>
    public async ValueTask<int> ReadAsync(Memory<byte> buffer)
    {
        _idle.CancelAfter(_idleTimeout);
        try
        {
            int read = await _stream.ReadAsync(buffer, _either.Token).ConfigureAwait(false);
            _idle.CancelAfter(Timeout.InfiniteTimeSpan);
            return read;
        }
        catch (Exception e) when (_idle.IsCancellationRequested && !_cancellationToken.IsCancellationRequested && e is OperationCanceledException or IOException)
        {
            throw new SfException(SfErrors.ResponseStalled, $"Nothing came for {_idleTimeout.TotalSeconds:0.#} s in the middle of an answer (request id {_requestId}).", e)
            {
                RequestId = _requestId,
            };
        }
        catch (HttpRequestException e)
        {
            throw new IOException(e.Message, e);
        }
    }

    public void Dispose()
    {
        _either.Dispose();
        _idle.Dispose();
        _stream.Dispose();
    }
}
