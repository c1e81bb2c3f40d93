using System.Management.Automation;
using ShakenFist.Blobs.Session;
using ShakenFist.Blobs.Sessions;

namespace ShakenFist.Blobs.Pipeline;

/// <summary>What every cmdlet of this module shares: the pump, and errors by the table.</summary>
public abstract class SfCmdlet : PSCmdlet, IDisposable
{
    private readonly Pump _pump;
    private Func<IReadOnlyList<ProgressRecord>>? _sampleProgress;

    /// <summary>Makes the pump.</summary>
    protected SfCmdlet() => _pump = new Pump(this);

    /// <inheritdoc/>
    protected override void EndProcessing() => _pump.Drain(leave: 0, _sampleProgress);

    /// <inheritdoc/>
    protected override void StopProcessing() => _pump.Stop();

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Ends the work, however the pipeline has ended.</summary>
    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
        {
            _pump.Dispose();
        }
    }

    /// <summary>Lets more pieces of work run at the same time than usual.</summary>
    private protected void AllowAtOnce(int pieces) => _pump.Allow(pieces);

    /// <summary>Runs work for one input object to its end. A failure of the error table becomes an error record, and the next input has its turn.</summary>
    private protected void RunFor(object? target, Func<PipelineSink, CancellationToken, Task> work, Func<ProgressRecord?>? sampleProgress = null)
    {
        _pump.Post(key: null, work, e => WriteError(ErrorRecords.Of(e, target)));
        _pump.Drain(leave: 0, sampleProgress is null ? null : () => sampleProgress() is { } record ? [record] : []);
    }

    /// <summary>
    /// Begins work for one input object while others are still under way: those on the same blob one after the other, those on different blobs at the same time.
    /// What they write comes out in the order of the input.
    /// </summary>
    private protected void BeginFor(Guid blob, object? target, Func<PipelineSink, CancellationToken, Task> work, Func<IReadOnlyList<ProgressRecord>>? sampleProgress = null)
    {
        const int MaxUnfinished = 64;
        _sampleProgress = sampleProgress;
        _pump.Post(blob, work, e => WriteError(ErrorRecords.Of(e, target)));
        _pump.Drain(leave: MaxUnfinished, sampleProgress);
    }

    /// <summary>Connects by settings that are given or found.</summary>
    /// <exception cref="SfException">Something is missing, wrong, or not reached.</exception>
    private protected SfSession Connect(string? apiUrl, string? @namespace, string? key, SfTransportOptions options, bool announce)
    {
        SfConnectionSettings settings = SettingsResolver.ForThisUser().Resolve(apiUrl, @namespace, key);
        if (announce)
        {
            WriteVerbose($"No session yet: connecting to {settings.ApiUrl} as namespace '{settings.Namespace}', found in {settings.Source}.");
        }

        SfSession? session = null;
        SfException? failure = null;
        _pump.Post(
            key: null,
            async (sink, stop) => session = await SfSession.ConnectAsync(settings, options, sockets => IsolatedRoom.CreateHandler(sockets, options), sink, stop).ConfigureAwait(false),
            e => failure = e);
        _pump.Drain(leave: 0);
        RunspaceSessions.Current = session ?? throw failure!;
        return session;
    }
}
