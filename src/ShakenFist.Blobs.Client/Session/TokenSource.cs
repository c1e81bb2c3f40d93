namespace ShakenFist.Blobs.Session;

/// <summary>
/// Holds the session's token: fetched once for any number of callers, renewed before it ends by a clock that no one can set,
/// and once more when the server refuses it. A failure is shared by those who waited for it and is not kept.
/// </summary>
internal sealed class TokenSource(Func<ISfLog, CancellationToken, Task<AccessToken>> authenticate, TimeProvider time)
{
    private readonly object _gate = new();
    private AccessToken? _current;
    private long _asked;
    private Fetch? _fetch;

    /// <summary>When the present token ends, UTC; null when there is none or its end is not known.</summary>
    public DateTime? ExpiresAt
    {
        get
        {
            lock (_gate)
            {
                return _current?.Lifetime is { } lifetime ? (time.GetUtcNow() + (lifetime - time.GetElapsedTime(_asked))).UtcDateTime : null;
            }
        }
    }

    /// <summary>Whether there is a token that is not near its end.</summary>
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

    /// <summary>How often a token has been fetched.</summary>
    public int FetchCount { get; private set; }

    /// <summary>A token that should be good; <paramref name="refused"/> is one that the server has just refused, or null.</summary>
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
            Leave(fetch);
        }
    }

    /// <summary>Near its end: a minute before, or the last fifth of a short life.</summary>
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
        // Off the caller's lock before anything is sent.
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

    /// <summary>One waiter less; when the last has gone, nobody wants the answer and the request is given up.</summary>
    private void Leave(Fetch fetch)
    {
        lock (_gate)
        {
            if (--fetch.Waiting > 0 || fetch.Task.IsCompleted)
            {
                return;
            }

            // It may have ended just now, and another have begun.
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

/// <summary>A token and how long it lives from when it was asked for; null where the server did not say.</summary>
internal sealed record AccessToken(string Value, TimeSpan? Lifetime)
{
    public override string ToString() => "a token";
}
