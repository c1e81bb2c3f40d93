using System.Security.Cryptography;

namespace ShakenFist.Blobs.Transfer;

/// <summary>
/// Brings all parts of a blob that are missing, over several connections at a time. Workers take ranges in the order of the file, so that what is there grows from
/// its beginning and the hasher behind them finds it in memory. The first failure ends them all; what is there stays.
/// </summary>
internal sealed class ParallelFetch(FetchContext context, TransferFiles files, Func<HashAlgorithm>? createXxh128) : IPartLog
{
    private readonly PartMap _map = files.Map;
    private readonly object _gate = new();
    private readonly List<(long From, long To, string RequestId)> _sources = [];
    private PartWriter[] _writers = [];
    private Exception? _failure;
    private bool _wholeOnly;

    /// <summary>Follows the bytes that are there without a gap from the beginning; null if nobody does.</summary>
    private TrailingHasher? Hasher => files.Part.Hasher;

    /// <summary>Ranges that were fetched.</summary>
    public int RangeCount
    {
        get
        {
            lock (_gate)
            {
                return _sources.Count;
            }
        }
    }

    /// <summary>Brings them.</summary>
    /// <exception cref="SfException">Some could not be brought.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        context.IsProven = Hasher is not null;
        context.TrustsOffset = context.IsProven;
        bool share = context.Plan.IsWorthSharing(_map.BytesOpen);
        if (context.Plan.UsesLimit && await RunAsync(share ? context.Limits.Connections : 1, cancellationToken).ConfigureAwait(false))
        {
            return;
        }

        // By offset alone. Several connections only where the hash will tell, and the offset is honoured now.
        bool honoursOffset = (!share && _map.BytesDone == 0) || _map.BytesDone == _map.Size || await HonoursOffsetAsync(cancellationToken).ConfigureAwait(false);
        context.Plan.LimitIgnored();
        if (honoursOffset && context.TrustsOffset)
        {
            if (await RunAsync(share ? context.Limits.Connections : 1, cancellationToken).ConfigureAwait(false))
            {
                return;
            }

            honoursOffset = false;
        }

        context.Log.Verbose("Nothing would show if this server began elsewhere than it is told to: fetching all that follows in one go.");
        Forget(from: honoursOffset ? _map.FirstGap() : 0);
        if (!await RunAsync(workers: 1, cancellationToken).ConfigureAwait(false))
        {
            context.Log.Verbose("This server begins elsewhere than it is told to, though it did not when it was asked: fetching all of it.");
            Forget(from: 0);
            await RunAsync(workers: 1, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Lets everything from here on be fetched again.</summary>
    private void Forget(long from)
    {
        for (int part = (int)(from / _map.PartBytes); part < _map.Count; part++)
        {
            if (_map.IsDone(part))
            {
                files.Forget(part);
            }
        }

        context.Progress.Position = _map.BytesDone;
    }

    /// <summary>The request that brought the last bytes of the range in which these lie; null if it was not one of this run's.</summary>
    public string? SourceOf(long offset)
    {
        lock (_gate)
        {
            return _sources.LastOrDefault(s => s.From <= offset && offset < s.To).RequestId;
        }
    }

    void IPartLog.Completed(int part, UInt128 hash) => files.Note(part, hash);

    void IPartLog.Forgotten(int part) => files.Journal.Forget(part);

    void IPartLog.Moved() => Moved();

    /// <summary>Tells the hasher how far the file is without a gap. Under a lock, or an older word could overtake a newer one.</summary>
    private void Moved()
    {
        lock (_gate)
        {
            long gap = _map.FirstGap();
            PartWriter? there = Array.Find(_writers, w => w.Start <= gap && gap < w.End);
            Hasher?.MoveWatermark(Math.Max(gap, there?.Position ?? 0));
        }
    }

    private async Task<bool> RunAsync(int workers, CancellationToken cancellationToken)
    {
        _wholeOnly = false;
        if (_map.ReopenTaken())
        {
            // Those before have left bytes where zeros may be due.
            files.Part.IsNew = false;
        }

        PartHasher[] hashers = [.. Enumerable.Range(0, workers).Select(_ => new PartHasher(createXxh128))];
        using CancellationTokenSource failed = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            PartWriter[] writers = [.. hashers.Select(h => new PartWriter(files.Part, _map, h, this, early: Hasher is not null))];
            lock (_gate)
            {
                _writers = writers;
                Moved();
            }

            await Task.WhenAll(writers.Select(writer => WorkAsync(writer, workers, failed))).ConfigureAwait(false);
            return !_wholeOnly;
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested && (_failure is not null || _wholeOnly))
        {
            // What the others ended with is only that they were told to.
            return _failure is null ? false : throw _failure;
        }
        finally
        {
            Array.ForEach(hashers, h => h.Dispose());
        }
    }

    private async Task WorkAsync(PartWriter writer, int workers, CancellationTokenSource failed)
    {
        try
        {
            RangeFetch fetch = new(context, writer);
            while (await TakeAndFetchAsync(writer, fetch, workers, failed.Token).ConfigureAwait(false) is { } positioned)
            {
                if (!positioned)
                {
                    _wholeOnly = true;
                    await failed.CancelAsync().ConfigureAwait(false);
                    return;
                }
            }
        }
        catch (Exception e) when (!failed.IsCancellationRequested)
        {
            Interlocked.CompareExchange(ref _failure, e, null);
            await failed.CancelAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Fetches the next range. Null if there is none left; false if the server does not begin where it is told to.</summary>
    private async Task<bool?> TakeAndFetchAsync(PartWriter writer, RangeFetch fetch, int workers, CancellationToken cancellationToken)
    {
        await context.Limits.AcquireAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_map.Take(workers > 1 ? context.Plan.Range(_map.BytesOpen, _map.Size - _map.BytesDone, workers) : long.MaxValue) is not (long from, long to))
            {
                return null;
            }

            writer.Begin(from, to);
            if (!await fetch.RunAsync(from, to, cancellationToken).ConfigureAwait(false))
            {
                return false;
            }

            lock (_gate)
            {
                _sources.Add((from, to, fetch.LastRequestId));
            }

            return true;
        }
        finally
        {
            context.Limits.Release();
        }
    }

    private async Task<bool> HonoursOffsetAsync(CancellationToken cancellationToken)
    {
        await context.Limits.AcquireAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await new RangeFetch(context, new MemoryWindow(0, 0)).HonoursOffsetAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            context.Limits.Release();
        }
    }
}
