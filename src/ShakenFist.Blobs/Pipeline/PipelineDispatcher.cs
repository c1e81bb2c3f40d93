using System.Management.Automation;

namespace ShakenFist.Blobs.Pipeline;

/// <summary>
/// Runs asynchronous work for a cmdlet. Only the pipeline thread writes to the pipeline, as PowerShell requires: it writes the output of the work items
/// in the order in which they were posted, and shows progress at regular intervals. When the pipeline ends, in whatever way, no work continues.
/// </summary>
internal sealed class PipelineDispatcher(Cmdlet cmdlet) : IDisposable
{
    /// <summary>The number of work items that run in parallel.</summary>
    private const int MaxRunning = 8;

    // Limits the memory if the pipeline is slow.
    private const int MaxWaitingObjects = 64;

    // Progress is sampled at this interval, at most four times a second.
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(250);

    private readonly object _gate = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _running = new(MaxRunning);
    private readonly Queue<WorkItem> _workItems = [];
    private readonly Dictionary<object, Task> _lastByKey = [];
    private readonly Dictionary<int, ProgressRecord> _shown = [];
    private long _lastSample;
    private bool _disposed;

    /// <summary>Raises the number of work items that run in parallel.</summary>
    public void RaiseConcurrency(int running)
    {
        if (running > MaxRunning)
        {
            _running.Release(running - MaxRunning);
        }
    }

    /// <summary>Starts a work item. Items with the same key run one after the other, others in parallel.</summary>
    /// <param name="key">The object that must not be processed in parallel, or null.</param>
    /// <param name="work">The work. It receives a sink and a token, not the cmdlet.</param>
    /// <param name="failed">Called on the pipeline thread if the work ends with an error of the error table.</param>
    public void Post(object? key, Func<PipelineSink, CancellationToken, Task> work, Action<SfException> failed)
    {
        // Work that runs in parallel must not wait until its output is written: it would occupy the place of work whose output is written first.
        PipelineSink sink = new(_gate, key is null ? MaxWaitingObjects : int.MaxValue, _stop.Token);
        Task task;
        lock (_gate)
        {
            Task before = key is not null && _lastByKey.TryGetValue(key, out Task? last) ? last : Task.CompletedTask;
            task = Task.Run(() => RunAsync(before, work, sink), CancellationToken.None);
            if (key is not null)
            {
                _lastByKey[key] = task;
            }
        }

        _ = task.ContinueWith(ended => Ended(ended, key), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        _workItems.Enqueue(new WorkItem(sink, task, failed));
    }

    /// <summary>Writes the available output, and waits until at most <paramref name="maxUnfinished"/> work items are unfinished.</summary>
    public void WriteUntil(int maxUnfinished, Func<IReadOnlyList<ProgressRecord>>? sampleProgress = null)
    {
        bool ended = false;

        // Work that ends within one interval shows no progress.
        _lastSample = Environment.TickCount64;
        try
        {
            while (Next(maxUnfinished, out Action<Cmdlet>? action))
            {
                action?.Invoke(cmdlet);
                ShowProgress(sampleProgress);
            }

            ended = true;
        }
        finally
        {
            // After a write that throws (Select-Object -First, -ErrorAction Stop, Ctrl+C), PowerShell calls only Dispose. The work is ended here.
            if (!ended)
            {
                Abandon();
            }

            if (!ended || maxUnfinished == 0)
            {
                CompleteProgress();
            }
        }
    }

    /// <summary>Ends the work. PowerShell calls this on another thread, possibly after Dispose.</summary>
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

    /// <summary>Waits for something to do on the pipeline thread, at most one interval. Returns false if there is nothing more to do now.</summary>
    private bool Next(int maxUnfinished, out Action<Cmdlet>? action)
    {
        lock (_gate)
        {
            while (true)
            {
                if (TryTake(out action))
                {
                    return true;
                }

                if (!_workItems.TryPeek(out WorkItem? first))
                {
                    return false;
                }

                if (first.Task.IsCompleted)
                {
                    _workItems.Dequeue();
                    action = _ => first.Finish();
                    return true;
                }

                if (_workItems.Count <= maxUnfinished)
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

    /// <summary>Questions of any work item come first. Everything else follows in the order of the work items.</summary>
    private bool TryTake(out Action<Cmdlet>? action)
    {
        foreach (WorkItem workItem in _workItems)
        {
            if (workItem.Sink.TryTakePrompt(out action))
            {
                return true;
            }
        }

        action = null;
        return _workItems.TryPeek(out WorkItem? first) && first.Sink.TryTakeItem(out action);
    }

    private void Ended(Task task, object? key)
    {
        lock (_gate)
        {
            // Removed, because a pipeline can contain any number of blobs.
            if (key is not null && _lastByKey.TryGetValue(key, out Task? last) && last == task)
            {
                _lastByKey.Remove(key);
            }

            Monitor.Pulse(_gate);
        }
    }

    private void Abandon()
    {
        if (_workItems.Count == 0)
        {
            return;
        }

        Stop();
        foreach (WorkItem workItem in _workItems)
        {
            Task.WaitAny(workItem.Task);
            workItem.Sink.Dispose();
        }

        _workItems.Clear();
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
            // The pipeline is ending with an exception that is rethrown. The host clears its progress display.
            _shown.Clear();
        }
    }

    private void Complete(ProgressRecord last)
    {
        _shown.Remove(last.ActivityId);
        last.RecordType = ProgressRecordType.Completed;
        cmdlet.WriteProgress(last);
    }

    private sealed record WorkItem(PipelineSink Sink, Task Task, Action<SfException> Failed)
    {
        /// <summary>Processes the outcome of finished work on the pipeline thread. A cancellation is rethrown, because a stopped pipeline ends with it.</summary>
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
