namespace ShakenFist.Blobs.Transfer;

/// <summary>
/// Fetches all missing blocks of a blob over several connections. Workers take work ranges in file order, so that the hasher can follow them and read data that is
/// still in the page cache. The first failure stops all workers. Data that has already been received is kept.
/// </summary>
internal sealed class ParallelFetch(DownloadContext context, PartialDownload download)
{
    private readonly object _lock = new();
    private readonly List<(long From, long To, string RequestId)> _sources = [];
    private Exception? _failure;

    /// <summary>Number of work ranges that were fetched.</summary>
    public int RangeCount
    {
        get
        {
            lock (_lock)
            {
                return _sources.Count;
            }
        }
    }

    /// <summary>Fetches the missing blocks.</summary>
    /// <exception cref="SfException">Some blocks cannot be fetched.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        bool share = context.Sizer.IsWorthSharing(download.BytesOpen);
        int connections = share ? context.Limits.Connections : 1;
        if (context.Behaviour.UsesLimit && await RunRoundAsync(connections, cancellationToken).ConfigureAwait(false) == RangeOutcome.Complete)
        {
            return;
        }

        // Without limit, ranges depend on the offset alone. Several connections are used only if the data is verified at the end, and the server currently honors the
        // offset.
        bool complete = download.BytesComplete == download.Size;
        bool keepsOffset = (!share && download.BytesComplete == 0) || complete || await KeepsOffsetAsync(cancellationToken).ConfigureAwait(false);
        context.Learn(b => b with { KeepsLimit = false, KeepsOffset = keepsOffset });
        if (keepsOffset && context.HasFinalHash)
        {
            if (await RunRoundAsync(connections, cancellationToken).ConfigureAwait(false) == RangeOutcome.Complete)
            {
                return;
            }

            context.Learn(b => b with { KeepsOffset = false });
        }

        context.Log.Verbose("Cannot confirm that this server honors the requested offset. Fetching the rest over a single connection.");
        Invalidate(from: context.Behaviour.KeepsOffset ? download.FirstGap() : 0);
        if (await RunRoundAsync(workers: 1, cancellationToken).ConfigureAwait(false) != RangeOutcome.Complete)
        {
            context.Log.Verbose("This server ignores the requested offset. Fetching the whole blob.");
            Invalidate(from: 0);
            await RunRoundAsync(workers: 1, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Returns the ID of the request that received the last bytes of the range that contains an offset. Null if it was not a request of this run.</summary>
    public string? SourceOf(long offset)
    {
        lock (_lock)
        {
            return _sources.LastOrDefault(s => s.From <= offset && offset < s.To).RequestId;
        }
    }

    private void Invalidate(long from)
    {
        download.InvalidateFrom(from);
        context.Progress.Position = download.BytesComplete;
    }

    private async Task<RangeOutcome> RunRoundAsync(int workers, CancellationToken cancellationToken)
    {
        using CancellationTokenSource ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        download.BeginRound();
        RangeOutcome outcome = RangeOutcome.Complete;
        try
        {
            await Task.WhenAll(Enumerable.Range(0, workers).Select(_ => WorkAsync())).ConfigureAwait(false);
            return outcome;
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested && (_failure is not null || outcome != RangeOutcome.Complete))
        {
            // The other workers stopped only because they were canceled.
            return _failure is null ? outcome : throw _failure;
        }

        async Task WorkAsync()
        {
            try
            {
                if (await FetchRangesAsync(workers, ended.Token).ConfigureAwait(false) is var own && own != RangeOutcome.Complete)
                {
                    outcome = own;
                    await ended.CancelAsync().ConfigureAwait(false);
                }
            }
            catch (Exception e) when (!ended.IsCancellationRequested)
            {
                Interlocked.CompareExchange(ref _failure, e, null);
                await ended.CancelAsync().ConfigureAwait(false);
                throw;
            }
        }
    }

    /// <summary>Fetches ranges until no block is open.</summary>
    private async Task<RangeOutcome> FetchRangesAsync(int workers, CancellationToken cancellationToken)
    {
        using BlockHasher hasher = download.NewBlockHasher();
        WorkRange? range = null;
        while (true)
        {
            using ConnectionLease lease = await ConnectionLease.TakeAsync(context, cancellationToken).ConfigureAwait(false);
            long max = workers > 1 ? context.Sizer.RangeBytes(download.BytesOpen, download.Size - download.BytesComplete, workers, context.Behaviour) : long.MaxValue;
            range = download.TakeRange(max, hasher, range);
            if (range is null)
            {
                return RangeOutcome.Complete;
            }

            RangeFetch fetch = new(context, range);
            RangeOutcome outcome = await fetch.RunAsync(range.From, range.To, lease, cancellationToken).ConfigureAwait(false);
            if (outcome != RangeOutcome.Complete)
            {
                return outcome;
            }

            lock (_lock)
            {
                _sources.Add((range.From, range.To, fetch.LastRequestId));
            }
        }
    }

    private async Task<bool> KeepsOffsetAsync(CancellationToken cancellationToken)
    {
        using ConnectionLease lease = await ConnectionLease.TakeAsync(context, cancellationToken).ConfigureAwait(false);
        return await new RangeFetch(context, new MemoryTarget(0, 0)).KeepsOffsetAsync(lease, cancellationToken).ConfigureAwait(false);
    }
}
