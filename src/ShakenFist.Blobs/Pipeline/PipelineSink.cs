using System.Management.Automation;

namespace ShakenFist.Blobs.Pipeline;

/// <summary>What asynchronous work sees of its cmdlet: places to put things, usable from any thread and harmless after the cmdlet has ended.</summary>
internal sealed class PipelineSink(CancellationToken stop) : ISfLog, IDisposable
{
    /// <summary>Objects that may wait for the pipeline before the work that makes them has to wait.</summary>
    private const int MaxWaitingObjects = 64;

    private readonly object _gate = new();
    private readonly Queue<Action<Cmdlet>> _items = [];
    private readonly SemaphoreSlim _room = new(MaxWaitingObjects);
    private bool _finished;

    /// <summary>Hands an object to the pipeline; waits while the pipeline has enough of them.</summary>
    public async Task WriteObjectAsync(object value)
    {
        await _room.WaitAsync(stop).ConfigureAwait(false);
        Post(cmdlet =>
        {
            _room.Release();
            cmdlet.WriteObject(value);
        });
    }

    /// <inheritdoc/>
    public void Verbose(string message) => Post(cmdlet => cmdlet.WriteVerbose(message));

    /// <inheritdoc/>
    public void Debug(string message) => Post(cmdlet => cmdlet.WriteDebug(message));

    /// <inheritdoc/>
    public void Warning(string message) => Post(cmdlet => cmdlet.WriteWarning(message));

    /// <summary>The work is done: nothing more will come.</summary>
    public void Finish()
    {
        lock (_gate)
        {
            _finished = true;
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>Waits at most <paramref name="tick"/> for the next item. False when the work is done and everything has been taken.</summary>
    public bool Take(TimeSpan tick, out Action<Cmdlet>? item)
    {
        lock (_gate)
        {
            if (_items.Count == 0 && !_finished)
            {
                Monitor.Wait(_gate, tick);
            }

            return _items.TryDequeue(out item) || !_finished;
        }
    }

    public void Dispose() => _room.Dispose();

    private void Post(Action<Cmdlet> item)
    {
        lock (_gate)
        {
            _items.Enqueue(item);
            Monitor.Pulse(_gate);
        }
    }
}
