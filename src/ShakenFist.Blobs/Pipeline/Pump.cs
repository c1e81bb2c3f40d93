using System.Management.Automation;

namespace ShakenFist.Blobs.Pipeline;

/// <summary>
/// Runs asynchronous work for a cmdlet. The pipeline's thread alone writes to the pipeline, as PowerShell demands: it comes here, writes what the work hands
/// over in the order in which the work was posted, and shows progress by the clock. However the pipeline ends, no work is left behind.
/// </summary>
internal sealed class Pump(Cmdlet cmdlet) : IDisposable
{
    /// <summary>Pieces of work that run at the same time.</summary>
    private const int MaxRunning = 8;

    // Memory stays bounded however slow the pipeline is.
    private const int MaxWaitingObjects = 64;

    // Progress is sampled at this pace, four times a second at the most.
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(250);

    private readonly object _gate = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _running = new(MaxRunning);
    private readonly Queue<Piece> _pieces = [];
    private readonly Dictionary<object, Task> _lastOf = [];
    private readonly Dictionary<int, ProgressRecord> _shown = [];
    private long _lastSample;
    private bool _disposed;

    /// <summary>Lets more pieces of work run at the same time than usual.</summary>
    public void Allow(int running)
    {
        if (running > MaxRunning)
        {
            _running.Release(running - MaxRunning);
        }
    }

    /// <summary>Starts a piece of work. Pieces with the same key run one after the other, others at the same time.</summary>
    /// <param name="key">What must not be worked on twice at once, or null.</param>
    /// <param name="work">Gets a sink and a token, never the cmdlet.</param>
    /// <param name="failed">Called on the pipeline's thread if the work ends with an error of the table.</param>
    public void Post(object? key, Func<PipelineSink, CancellationToken, Task> work, Action<SfException> failed)
    {
        // Work beside which other work runs must not wait for its turn to write: it would keep its place from work whose turn comes before.
        PipelineSink sink = new(_gate, key is null ? MaxWaitingObjects : int.MaxValue, _stop.Token);
        Task task;
        lock (_gate)
        {
            Task before = key is not null && _lastOf.TryGetValue(key, out Task? last) ? last : Task.CompletedTask;
            task = Task.Run(() => RunAsync(before, work, sink), CancellationToken.None);
            if (key is not null)
            {
                _lastOf[key] = task;
            }
        }

        _ = task.ContinueWith(ended => Ended(ended, key), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        _pieces.Enqueue(new Piece(sink, task, failed));
    }

    /// <summary>Writes what is ready, and waits until at most <paramref name="leave"/> pieces of work are unfinished.</summary>
    public void Drain(int leave, Func<IReadOnlyList<ProgressRecord>>? sampleProgress = null)
    {
        bool ended = false;

        // What is over within a tick shows no progress.
        _lastSample = Environment.TickCount64;
        try
        {
            while (Next(leave, out Action<Cmdlet>? action))
            {
                action?.Invoke(cmdlet);
                ShowProgress(sampleProgress);
            }

            ended = true;
        }
        finally
        {
            // A write that throws (Select-Object -First, -ErrorAction Stop, Ctrl+C) is followed by no other call but Dispose: the work is ended here.
            if (!ended)
            {
                Abandon();
            }

            if (!ended || leave == 0)
            {
                CompleteProgress();
            }
        }
    }

    /// <summary>Ends the work. Called by PowerShell's stopping thread, possibly after Dispose.</summary>
    public void Stop()
    {
        lock (_gate)
        {
            if (!_disposed)
            {
                _stop.Cancel();
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Abandon();
        lock (_gate)
        {
            _disposed = true;
            _stop.Dispose();
        }

        _running.Dispose();
    }

    private async Task RunAsync(Task before, Func<PipelineSink, CancellationToken, Task> work, PipelineSink sink)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _running.WaitAsync(_stop.Token).ConfigureAwait(false);
        try
        {
            await work(sink, _stop.Token).ConfigureAwait(false);
        }
        finally
        {
            _running.Release();
        }
    }

    /// <summary>Waits for something to do on the pipeline's thread, at most a tick. False when no more is to be done now.</summary>
    private bool Next(int leave, out Action<Cmdlet>? action)
    {
        lock (_gate)
        {
            while (true)
            {
                if (TryTake(out action))
                {
                    return true;
                }

                if (!_pieces.TryPeek(out Piece? first))
                {
                    return false;
                }

                if (first.Task.IsCompleted)
                {
                    _pieces.Dequeue();
                    action = _ => first.Finish();
                    return true;
                }

                if (_pieces.Count <= leave)
                {
                    return false;
                }

                if (!Monitor.Wait(_gate, Tick))
                {
                    return true;
                }
            }
        }
    }

    /// <summary>Questions come first, whoever asks; everything else in the order of the pieces.</summary>
    private bool TryTake(out Action<Cmdlet>? action)
    {
        foreach (Piece piece in _pieces)
        {
            if (piece.Sink.TryTakeQuestion(out action))
            {
                return true;
            }
        }

        action = null;
        return _pieces.TryPeek(out Piece? first) && first.Sink.TryTakeItem(out action);
    }

    private void Ended(Task task, object? key)
    {
        lock (_gate)
        {
            // A pipeline may have more blobs than need be remembered.
            if (key is not null && _lastOf.TryGetValue(key, out Task? last) && last == task)
            {
                _lastOf.Remove(key);
            }

            Monitor.Pulse(_gate);
        }
    }

    private void Abandon()
    {
        if (_pieces.Count == 0)
        {
            return;
        }

        Stop();
        foreach (Piece piece in _pieces)
        {
            Task.WaitAny(piece.Task);
            piece.Sink.Dispose();
        }

        _pieces.Clear();
    }

    private void ShowProgress(Func<IReadOnlyList<ProgressRecord>>? sampleProgress)
    {
        if (sampleProgress is null || Environment.TickCount64 - _lastSample < Tick.TotalMilliseconds)
        {
            return;
        }

        _lastSample = Environment.TickCount64;
        IReadOnlyList<ProgressRecord> records = sampleProgress();
        foreach (ProgressRecord record in records)
        {
            _shown[record.ActivityId] = record;
            cmdlet.WriteProgress(record);
        }

        foreach (ProgressRecord ended in _shown.Values.Where(s => records.All(r => r.ActivityId != s.ActivityId)).ToArray())
        {
            Complete(ended);
        }
    }

    private void CompleteProgress()
    {
        try
        {
            foreach (ProgressRecord last in _shown.Values.ToArray())
            {
                Complete(last);
            }
        }
        catch (PipelineStoppedException)
        {
            // The pipeline is ending already, by an exception that goes on from here; the host clears its display by itself.
            _shown.Clear();
        }
    }

    private void Complete(ProgressRecord last)
    {
        _shown.Remove(last.ActivityId);
        last.RecordType = ProgressRecordType.Completed;
        cmdlet.WriteProgress(last);
    }

    private sealed record Piece(PipelineSink Sink, Task Task, Action<SfException> Failed)
    {
        /// <summary>Takes the outcome of finished work on the pipeline's thread. A cancellation passes through: it is how a stopped pipeline ends.</summary>
        public void Finish()
        {
            Sink.Dispose();
            try
            {
                Task.GetAwaiter().GetResult();
            }
            catch (SfException e)
            {
                Failed(e);
            }
        }
    }
}
