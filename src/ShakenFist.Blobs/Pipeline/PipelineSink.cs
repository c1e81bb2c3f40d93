using System.Management.Automation;

namespace ShakenFist.Blobs.Pipeline;

/// <summary>
/// What a piece of asynchronous work sees of its cmdlet: places to put things, usable from any thread and harmless after the cmdlet has ended.
/// What is put here waits until the pipeline's thread comes for it.
/// </summary>
/// <param name="gate">The pump's lock.</param>
/// <param name="room">Objects that may wait for the pipeline before the work that makes them has to wait.</param>
/// <param name="stop">Ends every waiting.</param>
internal sealed class PipelineSink(object gate, int room, CancellationToken stop) : ITransferOutput, IDisposable
{
    private readonly Queue<Action<Cmdlet>> _items = [];
    private readonly Queue<Action<Cmdlet>> _questions = [];
    private readonly SemaphoreSlim _room = new(room);

    /// <summary>Hands an object to the pipeline; waits while the pipeline has enough of them.</summary>
    public async Task WriteObjectAsync(object value)
    {
        await _room.WaitAsync(stop).ConfigureAwait(false);
        Post(_items, cmdlet =>
        {
            _room.Release();
            cmdlet.WriteObject(value);
        });
    }

    /// <summary>Hands an object to the pipeline and waits until every command down it has dealt with it: for objects too large to wait in a queue.</summary>
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

    /// <summary>Asks the user, or -WhatIf, whether to go on. Asked as soon as the pipeline's thread is free, ahead of what waits to be written.</summary>
    public Task<bool> ShouldProcessAsync(string target, string action)
    {
        TaskCompletionSource<bool> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(_questions, cmdlet => answer.SetResult(cmdlet.ShouldProcess(target, action)));
        return answer.Task.WaitAsync(stop);
    }

    /// <summary>Hands an error to the pipeline; the work goes on.</summary>
    public void Error(SfException exception, object? target) => Post(_items, cmdlet => cmdlet.WriteError(ErrorRecords.Of(exception, target)));

    /// <inheritdoc/>
    public void Verbose(string message) => Post(_items, cmdlet => cmdlet.WriteVerbose(message));

    /// <inheritdoc/>
    public void Debug(string message) => Post(_items, cmdlet => cmdlet.WriteDebug(message));

    /// <inheritdoc/>
    public void Warning(string message) => Post(_items, cmdlet => cmdlet.WriteWarning(message));

    /// <summary>Takes a question that waits. The caller holds the gate.</summary>
    public bool TryTakeQuestion(out Action<Cmdlet>? question) => _questions.TryDequeue(out question);

    /// <summary>Takes what is to be written next. The caller holds the gate.</summary>
    public bool TryTakeItem(out Action<Cmdlet>? item) => _items.TryDequeue(out item);

    public void Dispose() => _room.Dispose();

    private void Post(Queue<Action<Cmdlet>> queue, Action<Cmdlet> item)
    {
        lock (gate)
        {
            queue.Enqueue(item);
            Monitor.Pulse(gate);
        }
    }
}
