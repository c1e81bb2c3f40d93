namespace ShakenFist.Blobs.Emulator;

/// <summary>The etcd lock for writing the metadata of a blob. There is no queue: each writer retries after a pause.</summary>
internal sealed class BlobLock
{
    private int _taken;

    public IDisposable? TryTake() => Interlocked.CompareExchange(ref _taken, 1, 0) == 0 ? new Hold(this) : null;

    /// <returns>Null if the lock was not acquired in time.</returns>
    public async Task<IDisposable?> TakeAsync(TimeSpan poll, TimeSpan timeout, CancellationToken ct)
    {
        long start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            if (TryTake() is { } hold)
            {
                return hold;
            }

            if (TimeProvider.System.GetElapsedTime(start) >= timeout)
            {
                return null;
            }

            await Task.Delay(poll, ct);
        }
    }

    private sealed class Hold(BlobLock owner) : IDisposable
    {
        private BlobLock? _owner = owner;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _owner, null) is { } held)
            {
                Volatile.Write(ref held._taken, 0);
            }
        }
    }
}
