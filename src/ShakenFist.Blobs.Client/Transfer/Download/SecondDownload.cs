namespace ShakenFist.Blobs.Transfer;

/// <summary>
/// Downloads a blob without a published hash a second time and compares it with the file. The requests begin at other bytes than those of the first download, and each
/// of them has its own connection, so a fault that depends on the request or on the connection does not return the same wrong bytes twice. The file is accepted only
/// after a comparison of all bytes in which nothing differed.
/// </summary>
internal sealed class SecondDownload(DownloadContext first, ParallelFetch fetch, PartialDownload download)
{
    // The number of comparisons of the whole file.
    private const int MaxComparisons = 3;

    // The number of times that both requests for a range that differs are repeated.
    private const int MaxRepetitions = 3;

    // The length of the longest request.
    private const long MaxRequestBytes = 64 * 1024 * 1024;

    private readonly object _lock = new();
    private readonly List<SfRepairedRange> _repaired = [];

    // Hashes of blocks that were corrected.
    private readonly Dictionary<int, UInt128> _corrected = [];

    // Created at the start of each comparison.
    private DownloadContext _context = null!;
    private int _comparison;
    private long _next;
    private long _left;
    private volatile bool _differs;
    private Exception? _failure;

    /// <summary>Compares all bytes of the file.</summary>
    /// <returns>The ranges of the file that were wrong and were replaced.</returns>
    /// <exception cref="SfException">The data cannot be fetched. <see cref="SfErrors.RereadFailed"/> if the downloads differ repeatedly.</exception>
    public async Task<IReadOnlyList<SfRepairedRange>> RunAsync(CancellationToken cancellationToken)
    {
        first.Log.Verbose($"No hash of blob {first.Uuid:D} is available. Fetching the data a second time to compare it.");
        first.Retry.SetLeft(() => Interlocked.Read(ref _left));
        do
        {
            if (_comparison++ == MaxComparisons)
            {
                throw Failed($"{MaxComparisons} further downloads of blob {first.Uuid:D} differed from the file, although the ranges that differed had been corrected.");
            }

            await CompareAsync(cancellationToken).ConfigureAwait(false);
        }
        while (_differs);

        foreach (int block in download.DisputedBlocks())
        {
            download.CompleteBlock(block, HashOf(block), provisional: false);
        }

        download.ConfirmSecondDownload();
        return SfRepairedRange.Join(_repaired);
    }

    private async Task CompareAsync(CancellationToken cancellationToken)
    {
        _context = new DownloadContext(first) { ReadsToEnd = true };
        _next = 0;
        _left = download.Size;
        _differs = false;
        first.Progress.Activity = "Comparing with a second download";
        first.Progress.Position = 0;
        await CheckOffsetAsync(cancellationToken).ConfigureAwait(false);
        int workers = first.Sizer.IsWorthSharing(download.Size) ? first.Limits.Connections : 1;
        using SemaphoreSlim turn = new(1);
        using CancellationTokenSource ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            await Task.WhenAll(Enumerable.Range(0, workers).Select(_ => WorkAsync(workers, turn, ended))).ConfigureAwait(false);
        }
        catch (Exception) when (_failure is not null && !cancellationToken.IsCancellationRequested)
        {
            // The other workers stopped only because they were canceled.
            throw _failure;
        }
    }

    /// <summary>A server that ignores the offset returns equal bytes for equal beginnings. Its response to a request for the last byte shows it.</summary>
    private async Task CheckOffsetAsync(CancellationToken cancellationToken)
    {
        using ConnectionLease lease = await ConnectionLease.TakeAsync(_context, cancellationToken).ConfigureAwait(false);
        if (!await new RangeFetch(_context, new MemoryTarget(0, 0)).KeepsOffsetAsync(lease, cancellationToken, maxUncertain: int.MaxValue).ConfigureAwait(false))
        {
            throw OffsetIgnored();
        }
    }

    private async Task WorkAsync(int workers, SemaphoreSlim turn, CancellationTokenSource ended)
    {
        try
        {
            while (await CompareRangeAsync(workers, ended.Token).ConfigureAwait(false) is { } differences)
            {
                if (differences.Count == 0)
                {
                    continue;
                }

                _differs = true;
                await turn.WaitAsync(ended.Token).ConfigureAwait(false);
                try
                {
                    await ResolveAsync(differences, ended.Token).ConfigureAwait(false);
                }
                finally
                {
                    turn.Release();
                }
            }
        }
        catch (Exception e) when (!ended.IsCancellationRequested)
        {
            Interlocked.CompareExchange(ref _failure, e, null);
            await ended.CancelAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Fetches the next range and compares it with the file. Returns the differences, or null if there is no other range.</summary>
    private async Task<IReadOnlyList<(long From, long To)>?> CompareRangeAsync(int workers, CancellationToken cancellationToken)
    {
        using ConnectionLease lease = await ConnectionLease.TakeAsync(_context, cancellationToken).ConfigureAwait(false);
        if (TakeRange(workers) is not (long from, long to))
        {
            return null;
        }

        ComparedRange range = new(download);
        if (await new RangeFetch(_context, range).RunAsync(from, to, lease, cancellationToken).ConfigureAwait(false) != RangeOutcome.Complete)
        {
            throw OffsetIgnored();
        }

        Interlocked.Add(ref _left, from - to);
        return range.Differences;
    }

    /// <summary>
    /// Takes the next range. It ends at an odd offset, in the middle of a block, at which no request of the first download began. The first range is shorter, and its
    /// length depends on the comparison, so that the ranges of each download end elsewhere.
    /// </summary>
    private (long From, long To)? TakeRange(int workers)
    {
        lock (_lock)
        {
            long from = _next;
            long rest = download.Size - from;
            if (rest == 0)
            {
                return null;
            }

            long length = Math.Min(rest, _context.Sizer.RangeBytes(rest, rest, workers, _context.Behaviour));
            long to = (from + (from == 0 ? length * _comparison / (_comparison + 1) : length)) | 1;
            while (to < download.Size && first.HasRequested(to))
            {
                to += 2;
            }

            _next = Math.Min(to, download.Size);
            return (from, _next);
        }
    }

    /// <summary>Repeats both downloads of the places that differ, until they agree.</summary>
    private async Task ResolveAsync(IReadOnlyList<(long From, long To)> differences, CancellationToken cancellationToken)
    {
        ISfLog log = first.Log;
        using BlockHasher hasher = download.NewBlockHasher();
        foreach ((long from, long to) in Places(differences, hasher, cancellationToken))
        {
            (byte[] agreed, string requestId) = await AgreeAsync(from, to, cancellationToken).ConfigureAwait(false);
            bool isReplaced = false;
            for (int block = download.BlockAt(from); block <= download.BlockAt(to - 1); block++)
            {
                isReplaced |= Correct(block, agreed, from, requestId, hasher);
            }

            log.Warning(FormattableString.Invariant(
                $"Bytes {from}-{to - 1} of blob {first.Uuid:D} differed in the second download. Both requests were repeated and returned the same data. The file {(isReplaced ? "was corrected" : "is correct")}."));
        }
    }

    /// <summary>
    /// Joins places that were fetched by the same two requests. A place that was fetched by several requests is divided. A block that changed on the disk after it was
    /// received differs as a whole.
    /// </summary>
    private List<(long From, long To)> Places(IReadOnlyList<(long From, long To)> differences, BlockHasher hasher, CancellationToken cancellationToken)
    {
        IEnumerable<(long From, long To)> damaged = differences.Select(d => download.BlockAt(d.From)).Distinct()
            .Where(block => download.HashBlock(block, hasher, cancellationToken) != HashOf(block))
            .Select(block => (download.StartOf(block), download.EndOf(block)));
        List<(long From, long To)> places = [];
        foreach ((long start, long end) in differences.Concat(damaged).Order())
        {
            for (long from = Math.Max(start, places.Count > 0 ? places[^1].To : 0), to; from < end; from = to)
            {
                to = Math.Min(end, Math.Min(first.NextOffset(from + 1) ?? end, _context.NextOffset(from + 1) ?? end));
                if (places.Count > 0 && places[^1] is var last && OriginsOf(last.From, to) == OriginsOf(from, to) && to - last.From <= MaxRequestBytes)
                {
                    places[^1] = (last.From, to);
                }
                else
                {
                    places.Add((from, to));
                }
            }
        }

        return places;
    }

    /// <summary>
    /// Returns the offsets of the two requests that fetched a byte. If both requests are repeated from there, a fault that depends on the request occurs again, so it
    /// is not mistaken for an accident. If an earlier run fetched the byte, its request is not known, and may have begun at the beginning of the blob.
    /// </summary>
    private (long First, long Second) OriginsOf(long from, long to)
    {
        long origin = first.LastOffset(from) is { } known && to - known <= MaxRequestBytes ? known : to <= MaxRequestBytes ? 0 : from;
        long second = _context.LastOffset(from) is { } offset && to - offset <= MaxRequestBytes && offset != origin ? offset : from;
        return (origin, second);
    }

    private async Task<(byte[] Bytes, string RequestId)> AgreeAsync(long from, long to, CancellationToken cancellationToken)
    {
        (long firstOrigin, long secondOrigin) = OriginsOf(from, to);
        for (int round = 1; ; round++)
        {
            (byte[] one, string oneId) = await FetchAsync(firstOrigin, from, to, cancellationToken).ConfigureAwait(false);
            (byte[] other, string otherId) = await FetchAsync(secondOrigin, from, to, cancellationToken).ConfigureAwait(false);
            if (one.AsSpan().SequenceEqual(other))
            {
                return (other, otherId);
            }

            if (round == MaxRepetitions)
            {
                throw Failed(FormattableString.Invariant(
                    $"Two downloads of bytes {from}-{to - 1} of blob {first.Uuid:D} differed, and again in each of {MaxRepetitions} repetitions (last request ids {oneId} and {otherId})."));
            }
        }
    }

    private async Task<(byte[] Bytes, string RequestId)> FetchAsync(long origin, long from, long to, CancellationToken cancellationToken)
    {
        RequestSizer wholeRange = new(first.Session.Options with { RequestBytes = to - origin }, first.Limits, first.Session.Latency);
        DownloadContext context = new(first) { ReadsToEnd = true, Sizer = wholeRange };
        MemoryTarget memory = new(origin, (int)(to - origin));
        RangeFetch range = new(context, memory);
        using ConnectionLease lease = await ConnectionLease.TakeAsync(context, cancellationToken).ConfigureAwait(false);
        return await range.RunAsync(origin, to, lease, cancellationToken).ConfigureAwait(false) == RangeOutcome.Complete
            ? (memory.ToArray()[(int)(from - origin)..], range.LastRequestId)
            : throw OffsetIgnored();
    }

    /// <summary>Corrects the part of a block that a range contains. The block is completed later, because another range can contain the rest of it.</summary>
    /// <returns>Whether bytes of the file were replaced.</returns>
    private bool Correct(int block, ReadOnlySpan<byte> agreed, long offset, string requestId, BlockHasher hasher)
    {
        long start = download.StartOf(block);
        byte[] content = new byte[download.EndOf(block) - start];
        long from = Math.Max(start, offset);
        int length = (int)(Math.Min(download.EndOf(block), offset + agreed.Length) - from);
        bool isAsReceived = download.ReadAll(content, start) == content.Length && hasher.Hash(content) == HashOf(block);
        if (!isAsReceived && length < content.Length)
        {
            throw new SfException(SfErrors.TargetChanged, $"Another process wrote to the temporary file '{download.Path}'.");
        }

        ReadOnlySpan<byte> right = agreed.Slice((int)(from - offset), length);
        Span<byte> own = content.AsSpan((int)(from - start), length);
        bool differs = !right.SequenceEqual(own);
        if (differs)
        {
            // A place can contain blocks in which nothing differed until both requests were repeated.
            download.Dispute(block);
            right.CopyTo(own);
            download.Write(right, from, unwritten: false);
            _repaired.Add(new SfRepairedRange(from, length, isAsReceived ? fetch.SourceOf(from) : null, requestId));
        }

        // The hash is that of bytes in memory. Otherwise, a change of the file by another process would not be detected.
        _corrected[block] = hasher.Hash(content);
        return differs;
    }

    private UInt128 HashOf(int block) => _corrected.TryGetValue(block, out UInt128 hash) ? hash : download.HashOf(block);

    private SfException OffsetIgnored() => Failed(
        $"Blob {first.Uuid:D} cannot be verified by a second download, because the server ignores the requested offset.");

    private SfException Failed(string message)
    {
        download.RejectSecondDownload();
        return new SfException(SfErrors.RereadFailed, $"{message} The target was not changed.");
    }
}
