using System.Management.Automation;
using ShakenFist.Blobs.Session;
using ShakenFist.Blobs.Sessions;

namespace ShakenFist.Blobs.Pipeline;

/// <summary>What every cmdlet of this module shares: the pump, and errors by the table.</summary>
public abstract class SfCmdlet : PSCmdlet, IDisposable
{
    private readonly Pump _pump = new();

    /// <inheritdoc/>
    protected override void StopProcessing() => _pump.Stop();

    /// <inheritdoc/>
    public void Dispose()
    {
        _pump.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Runs work for one input object. A failure of the error table becomes an error record, and the next input has its turn.</summary>
    private protected void RunFor(object? target, Func<PipelineSink, CancellationToken, Task> work, Func<ProgressRecord?>? sampleProgress = null)
    {
        try
        {
            _pump.Run(this, work, sampleProgress);
        }
        catch (SfException e)
        {
            WriteError(ErrorRecords.Of(e, target));
        }
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
        _pump.Run(this, async (sink, stop) =>
            session = await SfSession.ConnectAsync(settings, options, sockets => IsolatedRoom.CreateHandler(sockets, options), sink, stop).ConfigureAwait(false));
        RunspaceSessions.Current = session;
        return session!;
    }
}
