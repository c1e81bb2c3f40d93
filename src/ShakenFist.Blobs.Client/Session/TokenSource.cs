namespace ShakenFist.Blobs.Session;

/// <summary>
/// Contains the token of the session. It is fetched once for all callers, and renewed before it expires (by a clock that is not affected by changes of the system time)
/// and when the server rejects it. A failure is reported to all callers that waited for it, and is not stored.
/// </summary>
internal sealed class TokenSource(Func<ISfLog, CancellationToken, Task<AccessToken>> authenticate, TimeProvider time)
{
    private readonly object _gate = new();
    private AccessToken? _current;
    private long _asked;
    private Fetch? _fetch;

    /// <summary>Gets the local time at which the current token expires. Null if there is none or the time is unknown.</summary>
    public DateTime? ExpiresAt
    {
        get
        {
            lock (_gate)
            {
                return _current?.Lifetime is { } lifetime ? (time.GetUtcNow() + (lifetime - time.GetElapsedTime(_asked))).LocalDateTime : null;
            }
        }
    }

    /// <summary>Gets whether there is a token that does not expire soon.</summary>
    public bool IsLive
    {
        get
        {
            lock (_gate)
            {
                return _current is not null && !IsEnding();
            }
        }
    }

    /// <summary>Gets the number of tokens fetched.</summary>
    public int FetchCount { get; private set; }

    /// <summary>Gets a token. <paramref name="refused"/> is a token that the server has rejected, or null.</summary>
    public async Task<string> GetAsync(string? refused, ISfLog log, CancellationToken cancellationToken)
    {
        Fetch fetch;
        lock (_gate)
        {
            if (_current is not null && _current.Value != refused && !IsEnding())
            {
                return _current.Value;
            }

            if (_fetch is null)
            {
                _fetch = new Fetch();
                _fetch.Task = RunAsync(_fetch, log);
            }

            fetch = _fetch;
            fetch.Waiting++;
        }

        try
        {
            return (await fetch.Task.WaitAsync(cancellationToken).ConfigureAwait(false)).Value;
        }
        finally
        {
            ReleaseWaiter(fetch);
        }
    }

    /// <summary>Returns whether the token expires soon: within a minute, or in the last fifth of a short lifetime.</summary>
    private bool IsEnding()
    {
        if (_current?.Lifetime is not { } lifetime)
        {
            return false;
        }

        TimeSpan margin = TimeSpan.FromTicks(Math.Min(TimeSpan.FromMinutes(1).Ticks, lifetime.Ticks / 5));
        return time.GetElapsedTime(_asked) >= lifetime - margin;
    }

    private async Task<AccessToken> RunAsync(Fetch fetch, ISfLog log)
    {
        // Leaves the lock of the caller before a request is sent.
        await Task.Yield();
        try
        {
            long asked = time.GetTimestamp();
            AccessToken token = await authenticate(log, fetch.Abandoned.Token).ConfigureAwait(false);
            lock (_gate)
            {
                _current = token;
                _asked = asked;
                FetchCount++;
            }

            return token;
        }
        finally
        {
            lock (_gate)
            {
                _fetch = _fetch == fetch ? null : _fetch;
            }
        }
    }

    /// <summary>Removes a waiting caller. If it was the last one, the request is canceled.</summary>
    private void ReleaseWaiter(Fetch fetch)
    {
        lock (_gate)
        {
            if (--fetch.Waiting > 0 || fetch.Task.IsCompleted)
            {
                return;
            }

            // This fetch can have ended in the meantime, and another one started.
            _fetch = _fetch == fetch ? null : _fetch;
        }

        fetch.Abandoned.Cancel();
    }

    private sealed class Fetch
    {
        public CancellationTokenSource Abandoned { get; } = new();

        public Task<AccessToken> Task { get; set; } = null!;

        public int Waiting { get; set; }
    }
}

/// <summary>A token and its lifetime from the time of the request. Null if the server did not specify it.</summary>
internal sealed record AccessToken(string Value, TimeSpan? Lifetime)
{
    public override string ToString() => "a token";
}
