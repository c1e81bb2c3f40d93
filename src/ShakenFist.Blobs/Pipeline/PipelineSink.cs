using System.Management.Automation;

namespace ShakenFist.Blobs.Pipeline;

/// <summary>
/// Receives the output of an asynchronous work item. Usable from any thread, also after the cmdlet has ended.
/// The output waits until the pipeline thread writes it.
/// </summary>
/// <param name="gate">The lock of the dispatcher.</param>
/// <param name="capacity">The maximum number of objects in the queue. Work that adds more waits.</param>
/// <param name="stop">Ends all waits.</param>
internal sealed class PipelineSink(object gate, int capacity, CancellationToken stop) : ITransferOutput, IDisposable
{
    private readonly Queue<Action<Cmdlet>> _items = [];
    private readonly Queue<Action<Cmdlet>> _prompts = [];
    private readonly SemaphoreSlim _capacity = new(capacity);

    /// <summary>Writes an object to the pipeline. Waits while the queue is full.</summary>
    public async Task WriteObjectAsync(object value)
    {
        await _capacity.WaitAsync(stop).ConfigureAwait(false);
        Post(_items, cmdlet =>
        {
            _capacity.Release();
            cmdlet.WriteObject(value);
        });
    }

    /// <summary>Writes an object to the pipeline and waits until all downstream commands have processed it. For objects that are too large to be queued.</summary>
    public Task WriteAndWaitAsync(object value)
    {
        TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(_items, cmdlet =>
        {
            cmdlet.WriteObject(value);
            done.SetResult();
        });
        return done.Task.WaitAsync(stop);
    }

    /// <summary>Calls ShouldProcess. The question is asked as soon as the pipeline thread is free, before queued output is written.</summary>
    public Task<bool> ShouldProcessAsync(string target, string action)
    {
        TaskCompletionSource<bool> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(_prompts, cmdlet => answer.SetResult(cmdlet.ShouldProcess(target, action)));
        return answer.Task.WaitAsync(stop);
    }

    /// <summary>Writes an error to the pipeline. The work continues.</summary>
    public void Error(SfException exception, object? target) => Post(_items, cmdlet => cmdlet.WriteError(ErrorRecords.Of(exception, target)));

    /// <inheritdoc/>
    public void Verbose(string message) => Post(_items, cmdlet => cmdlet.WriteVerbose(message));

    /// <inheritdoc/>
    public void Debug(string message) => Post(_items, cmdlet => cmdlet.WriteDebug(message));

    /// <inheritdoc/>
    public void Warning(string message) => Post(_items, cmdlet => cmdlet.WriteWarning(message));

    /// <summary>Takes the next question. The caller holds the lock.</summary>
    public bool TryTakePrompt(out Action<Cmdlet>? prompt) => _prompts.TryDequeue(out prompt);

    /// <summary>Takes the next output. The caller holds the lock.</summary>
    public bool TryTakeItem(out Action<Cmdlet>? item) => _items.TryDequeue(out item);

    public void Dispose() => _capacity.Dispose();

    private void Post(Queue<Action<Cmdlet>> queue, Action<Cmdlet> item)
    {
        lock (gate)
        {
            queue.Enqueue(item);
            Monitor.Pulse(gate);
        }
    }
}
