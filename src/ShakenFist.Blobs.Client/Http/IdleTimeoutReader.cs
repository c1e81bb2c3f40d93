namespace ShakenFist.Blobs.Http;

/// <summary>
/// Reads the body of an answer and ends when nothing has come for a while, even if the other end is dead and says nothing; with a budget also when the waiting has been
/// too long in all. Time between two reads does not count: whoever reads may take his.
/// </summary>
internal sealed class IdleTimeoutReader : IDisposable
{
    /// <summary>What an answer that is needed whole may take. The server itself ends any request after 30 s.</summary>
    public static readonly TimeSpan AnswerBudget = TimeSpan.FromSeconds(60);

    private readonly TimeSpan _idleTimeout;
    private readonly TimeSpan? _budget;
    private readonly TimeProvider _time;
    private readonly string _requestId;
    private readonly CancellationToken _cancellationToken;
    private readonly CancellationTokenSource _idle;
    private readonly CancellationTokenSource _either;
    private readonly Stream _stream;
    private TimeSpan _waited;

    private IdleTimeoutReader(Stream stream, string requestId, SfTransportOptions options, TimeSpan? budget, CancellationToken cancellationToken)
    {
        _stream = stream;
        _idleTimeout = options.IdleTimeout;
        _budget = budget;
        _time = options.TimeProvider;
        _requestId = requestId;
        _cancellationToken = cancellationToken;
        _idle = new CancellationTokenSource(Timeout.InfiniteTimeSpan, options.TimeProvider);
        _either = CancellationTokenSource.CreateLinkedTokenSource(_idle.Token, cancellationToken);
    }

    /// <summary>Ends the reading.</summary>
    public CancellationToken CancellationToken => _cancellationToken;

    public static async Task<IdleTimeoutReader> OpenAsync(ApiAnswer answer, SfTransportOptions options, CancellationToken cancellationToken, TimeSpan? budget = null)
    {
        // The stream comes back at once: only the head has been awaited.
        Stream stream = await answer.Message.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        return new IdleTimeoutReader(stream, answer.RequestId, options, budget, cancellationToken);
    }

    /// <summary>Reads what is there; 0 at the end of the body.</summary>
    /// <exception cref="SfException"><see cref="SfErrors.ResponseStalled"/> when nothing came in time, <see cref="SfErrors.RequestTimeout"/> when the budget is spent.</exception>
    /// <exception cref="IOException">The connection broke, or the body ended before its announced end.</exception>
    public async ValueTask<int> ReadAsync(Memory<byte> buffer)
    {
        TimeSpan left = _budget - _waited ?? TimeSpan.MaxValue;
        _idle.CancelAfter(left < _idleTimeout ? TimeSpan.FromTicks(Math.Max(0, left.Ticks)) : _idleTimeout);
        long started = _time.GetTimestamp();
        try
        {
            int read = await _stream.ReadAsync(buffer, _either.Token).ConfigureAwait(false);
            _idle.CancelAfter(Timeout.InfiniteTimeSpan);
            _waited += _time.GetElapsedTime(started);
            return read;
        }
        catch (Exception e) when (_idle.IsCancellationRequested && !_cancellationToken.IsCancellationRequested && e is OperationCanceledException or IOException)
        {
            (SfError error, string what) = left < _idleTimeout
                ? (SfErrors.RequestTimeout, $"The response did not end within {_budget!.Value.TotalSeconds:0} s")
                : (SfErrors.ResponseStalled, $"The server sent no data for {_idleTimeout.TotalSeconds:0.#} s in the middle of a response");
            throw new SfException(error, $"{what} (request id {_requestId}).", e) { RequestId = _requestId };
        }
        catch (HttpRequestException e)
        {
            throw new IOException(e.Message, e);
        }
    }

    /// <summary>What was waited for has come whole: the budget is for what comes next.</summary>
    public void RenewBudget() => _waited = TimeSpan.Zero;

    public void Dispose()
    {
        _either.Dispose();
        _idle.Dispose();
        _stream.Dispose();
    }
}
