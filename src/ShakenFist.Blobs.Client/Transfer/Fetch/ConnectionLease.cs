namespace ShakenFist.Blobs.Transfer;

/// <summary>
/// A connection that a worker uses. The retry clock does not run while the worker waits for a connection. While the worker waits to repeat a failed request, the clock
/// runs, and another worker can use the connection.
/// </summary>
internal sealed class ConnectionLease : IDisposable
{
    private readonly DownloadContext _context;
    private bool _isHeld;
    private bool _isWorking;

    private ConnectionLease(DownloadContext context) => _context = context;

    /// <summary>Waits for a connection.</summary>
    public static async Task<ConnectionLease> TakeAsync(DownloadContext context, CancellationToken cancellationToken)
    {
        ConnectionLease lease = new(context);
        await lease.TakeAsync(cancellationToken).ConfigureAwait(false);
        return lease;
    }

    /// <summary>Returns the connection for the length of a pause, and then waits for another one.</summary>
    public async Task PauseAsync(TimeSpan pause, CancellationToken cancellationToken)
    {
        _isHeld = false;
        _context.Limits.Release();
        await Task.Delay(pause, _context.Session.Options.TimeProvider, cancellationToken).ConfigureAwait(false);
        SetWorking(false);
        await TakeAsync(cancellationToken).ConfigureAwait(false);
    }

    public void Dispose()
    {
        if (_isHeld)
        {
            _isHeld = false;
            _context.Limits.Release();
        }

        SetWorking(false);
    }

    private async Task TakeAsync(CancellationToken cancellationToken)
    {
        await _context.Limits.AcquireAsync(cancellationToken).ConfigureAwait(false);
        _isHeld = true;
        SetWorking(true);
    }

    private void SetWorking(bool working)
    {
        if (_isWorking != working)
        {
            _isWorking = working;
            (working ? (Action)_context.Retry.Start : _context.Retry.Stop)();
        }
    }
}
