namespace ShakenFist.Blobs.Http;

/// <summary>
/// Reads the body of a response and fails if no data arrives for a while, even if the connection is dead. With a budget, it also fails if the total waiting time is
/// too long. The time between two reads does not count.
/// </summary>
internal sealed class IdleTimeoutReader : IDisposable
{
    /// <summary>The maximum time for a response that is needed completely. The server ends each request after 30 s.</summary>
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

    /// <summary>Gets the token that cancels reading.</summary>
    public CancellationToken CancellationToken => _cancellationToken;

    public static async Task<IdleTimeoutReader> OpenAsync(ApiAnswer answer, SfTransportOptions options, CancellationToken cancellationToken, TimeSpan? budget = null)
    {
        // This does not block: only the head has been received.
        Stream stream = await answer.Message.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        return new IdleTimeoutReader(stream, answer.RequestId, options, budget, cancellationToken);
    }

    /// <summary>Reads available data. Returns 0 at the end of the body.</summary>
    /// <exception cref="SfException"><see cref="SfErrors.ResponseStalled"/> if no data arrives in time, <see cref="SfErrors.RequestTimeout"/> if the budget is used up.</exception>
    /// <exception cref="IOException">The connection was lost, or the body is shorter than announced.</exception>
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

    /// <summary>Restarts the budget after a complete element.</summary>
    public void RenewBudget() => _waited = TimeSpan.Zero;

    public void Dispose()
    {
        _either.Dispose();
        _idle.Dispose();
        _stream.Dispose();
    }
}
