namespace ShakenFist.Blobs.Transfer;

/// <summary>Limits the connections that are in use at the same time. Callers that wait get one in the order in which they asked.</summary>
/// <param name="allowed">Returns the number of connections allowed now. It may change at any time; after a rise, <see cref="GrantWaiting"/> applies it.</param>
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

    /// <summary>Returns a connection, which goes to the caller that has waited longest.</summary>
    public void Release()
    {
        lock (_gate)
        {
            _inUse--;
            GrantWaiting();
        }
    }

    /// <summary>Grants connections to waiting callers, as many as are allowed now.</summary>
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
