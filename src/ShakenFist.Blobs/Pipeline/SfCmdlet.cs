using System.Management.Automation;
using ShakenFist.Blobs.Session;
using ShakenFist.Blobs.Sessions;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Pipeline;

/// <summary>The base class of the cmdlets of this module. It runs asynchronous work and reports the errors of the error table.</summary>
public abstract class SfCmdlet : PSCmdlet, IDisposable
{
    private readonly PipelineDispatcher _dispatcher;
    private Func<IReadOnlyList<ProgressRecord>>? _sampleProgress;
    private HashSet<string> _typed = [];

    /// <summary>Creates the cmdlet.</summary>
    protected SfCmdlet() => _dispatcher = new PipelineDispatcher(this);

    /// <inheritdoc/>
    protected override void BeginProcessing() => _typed = new HashSet<string>(MyInvocation.BoundParameters.Keys, StringComparer.OrdinalIgnoreCase);

    /// <inheritdoc/>
    protected override void EndProcessing() => _dispatcher.WriteUntil(maxUnfinished: 0, _sampleProgress);

    /// <inheritdoc/>
    protected override void StopProcessing() => _dispatcher.Stop();

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Ends the work, even if the pipeline has failed or was stopped.</summary>
    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
        {
            _dispatcher.Dispose();
            CommandTimeLimit?.Dispose();
        }
    }

    /// <summary>
    /// Returns whether a parameter was specified on the command line, where it can contain wildcards. A value from a property of an input object is a name: all of its
    /// characters are literal.
    /// </summary>
    private protected bool IsTyped(string parameter) => _typed.Contains(parameter);

    /// <summary>Gets whether the command only shows what it would change.</summary>
    private protected bool IsWhatIf => LanguagePrimitives.IsTrue(MyInvocation.BoundParameters.TryGetValue("WhatIf", out object? specified) ? specified : GetVariableValue("WhatIfPreference"));

    /// <summary>Gets whether the user sees the description of an action of medium impact before it is carried out: with -WhatIf, or if a prompt is shown.</summary>
    private protected bool ShowsAction => IsWhatIf || (MyInvocation.BoundParameters.TryGetValue("Confirm", out object? specified)
        ? LanguagePrimitives.IsTrue(specified)
        : LanguagePrimitives.TryConvertTo(GetVariableValue("ConfirmPreference"), out ConfirmImpact preference) && preference is ConfirmImpact.Low or ConfirmImpact.Medium);

    /// <summary>Raises the number of work items that run in parallel.</summary>
    private protected void RaiseConcurrency(int running) => _dispatcher.RaiseConcurrency(running);

    /// <summary>Runs the work for one input object to its end. An error of the error table becomes an error record, and the next input is processed.</summary>
    private protected void RunFor(object? target, Func<PipelineSink, CancellationToken, Task> work, Func<ProgressRecord?>? sampleProgress = null)
    {
        _dispatcher.Post(key: null, work, e => WriteError(ErrorRecords.Of(e, target)));
        _dispatcher.WriteUntil(maxUnfinished: 0, sampleProgress is null ? null : () => sampleProgress() is { } record ? [record] : []);
    }

    /// <summary>
    /// Starts the work for one input object while other work is running: work on the same blob runs one after the other, work on different blobs in parallel.
    /// The output is written in input order.
    /// </summary>
    private protected void BeginFor(Guid blob, object? target, Func<PipelineSink, CancellationToken, Task> work, Func<IReadOnlyList<ProgressRecord>>? sampleProgress = null)
    {
        const int MaxUnfinished = 64;
        _sampleProgress = sampleProgress;
        _dispatcher.Post(blob, work, e => WriteError(ErrorRecords.Of(e, target)));
        _dispatcher.WriteUntil(maxUnfinished: MaxUnfinished, sampleProgress);
    }

    /// <summary>
    /// Gets or sets the time limit of the command, which also applies to a connection that the command makes. Null for none. This object disposes of it at the end.
    /// </summary>
    private protected TimeLimit? CommandTimeLimit { get; set; }

    /// <summary>Connects with the specified or the configured settings.</summary>
    /// <exception cref="SfException">A setting is missing or not valid, or the cluster cannot be reached.</exception>
    private protected SfSession Connect(string? apiUrl, string? @namespace, string? key, SfTransportOptions options, bool announce)
    {
        SfConnectionSettings settings = SettingsResolver.ForThisUser().Resolve(apiUrl, @namespace, key);
        if (announce)
        {
            WriteVerbose($"No session exists. Connecting to {settings.ApiUrl} as namespace '{settings.Namespace}', with settings from {settings.Source}.");
        }

        SfSession? session = null;
        SfException? failure = null;
        _dispatcher.Post(
            key: null,
            async (sink, stop) => session = await ConnectAsync(settings, options, sink, stop).ConfigureAwait(false),
            e => failure = e);
        _dispatcher.WriteUntil(maxUnfinished: 0);
        RunspaceSessions.Current = session ?? throw failure!;
        return session;
    }

    private async Task<SfSession> ConnectAsync(SfConnectionSettings settings, SfTransportOptions options, PipelineSink sink, CancellationToken stop)
    {
        CancellationToken limit = CommandTimeLimit?.Token ?? CancellationToken.None;
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(stop, limit);
        try
        {
            return await SfSession.ConnectAsync(settings, options, sockets => DependencyLoadContext.CreateHandler(sockets, options), sink, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !stop.IsCancellationRequested)
        {
            throw new SfException(SfErrors.TimeLimitReached, $"The time limit was reached before the connection to {settings.ApiUrl} was made.");
        }
    }
}
