namespace ShakenFist.Blobs.Transfer;

/// <summary>Limits the number of connections in use. Waiting callers get a connection in the order of their calls.</summary>
/// <param name="allowed">
/// Returns the number of connections that are currently allowed. It can change at any time. After it increases, call <see cref="GrantWaiting"/>.
/// </param>
internal sealed class ConnectionPool(Func<int> allowed)
{
    private readonly object _gate = new();
    private readonly LinkedList<TaskCompletionSource> _waiting = [];
    private int _inUse;

    /// <summary>Whether a caller is waiting for a connection.</summary>
    public bool HasWaiting
    {
        get
        {
            lock (_gate)
            {
                return _waiting.Count > 0;
            }
        }
    }

    /// <summary>Waits for a connection. <see cref="Release"/> returns it.</summary>
    public async Task AcquireAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        TaskCompletionSource granted = new(TaskCreationOptions.RunContinuationsAsynchronously);
        LinkedListNode<TaskCompletionSource> place;
        lock (_gate)
        {
            if (_inUse < allowed())
            {
                _inUse++;
                return;
            }

            place = _waiting.AddLast(granted);
        }

        using CancellationTokenRegistration registration = cancellationToken.Register(() =>
        {
            lock (_gate)
            {
                if (granted.TrySetCanceled(cancellationToken))
                {
                    _waiting.Remove(place);
                }
            }
        });
        await granted.Task.ConfigureAwait(false);
    }

    /// <summary>Returns a connection. The caller that has waited longest gets it.</summary>
    public void Release()
    {
        lock (_gate)
        {
            _inUse--;
            GrantWaiting();
        }
    }

    /// <summary>Grants connections to waiting callers, up to the number that is allowed.</summary>
    public void GrantWaiting()
    {
        lock (_gate)
        {
            while (_inUse < allowed() && _waiting.First is { } first)
            {
                _waiting.RemoveFirst();
                _inUse += first.Value.TrySetResult() ? 1 : 0;
            }
        }
    }
}
