using System.Management.Automation;

namespace ShakenFist.Blobs.Pipeline;

/// <summary>
/// Runs asynchronous work for a cmdlet. The pipeline's thread alone writes to the pipeline, as PowerShell demands: it waits here, writes what the work hands
/// over, and shows progress by the clock. However the pipeline ends, no work is left behind.
/// </summary>
internal sealed class Pump : IDisposable
{
    // Progress is sampled at this pace, four times a second at the most.
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(250);

    private readonly object _gate = new();
    private readonly CancellationTokenSource _stop = new();
    private bool _disposed;

    /// <summary>Runs <paramref name="work"/> to its end.</summary>
    /// <param name="cmdlet">The cmdlet, on whose thread this is called.</param>
    /// <param name="work">Gets a sink and a token, never the cmdlet.</param>
    /// <param name="sampleProgress">What to show now, or null for nothing.</param>
    public void Run(Cmdlet cmdlet, Func<PipelineSink, CancellationToken, Task> work, Func<ProgressRecord?>? sampleProgress = null)
    {
        using CancellationTokenSource ending = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        using PipelineSink sink = new(ending.Token);
        Task worker = Task.Run(() => work(sink, ending.Token), CancellationToken.None);
        _ = worker.ContinueWith(_ => sink.Finish(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        ProgressRecord? shown = null;
        try
        {
            long lastSample = Environment.TickCount64;
            while (sink.Take(Tick, out Action<Cmdlet>? item))
            {
                item?.Invoke(cmdlet);
                if (Environment.TickCount64 - lastSample >= Tick.TotalMilliseconds && sampleProgress?.Invoke() is { } record)
                {
                    lastSample = Environment.TickCount64;
                    shown = record;
                    cmdlet.WriteProgress(record);
                }
            }

            worker.GetAwaiter().GetResult();
        }
        finally
        {
            // A write that throws (Select-Object -First, -ErrorAction Stop, Ctrl+C) is followed by no other call but Dispose: the work is ended here.
            if (!worker.IsCompleted)
            {
                ending.Cancel();
                Task.WaitAny(worker);
            }

            Complete(cmdlet, shown);
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
        lock (_gate)
        {
            _disposed = true;
            _stop.Dispose();
        }
    }

    private static void Complete(Cmdlet cmdlet, ProgressRecord? shown)
    {
        if (shown is null)
        {
            return;
        }

        try
        {
            shown.RecordType = ProgressRecordType.Completed;
            cmdlet.WriteProgress(shown);
        }
        catch (PipelineStoppedException)
        {
            // The pipeline is ending already, by an exception that goes on from here; the host clears its display by itself.
        }
    }
}
