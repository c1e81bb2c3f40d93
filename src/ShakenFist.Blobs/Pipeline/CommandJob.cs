using System.Management.Automation;

namespace ShakenFist.Blobs.Pipeline;

/// <summary>Work for one input object in a job.</summary>
/// <param name="Target">The input object, for error records.</param>
/// <param name="RunAsync">The work. Returns whether it succeeded. If it did not, it has reported an error, or it throws one.</param>
internal sealed record JobWork(object Target, Func<ITransferOutput, CancellationToken, Task<bool>> RunAsync);

/// <summary>Runs the work of a command as a PowerShell job: Receive-Job returns its output, and Stop-Job stops it.</summary>
internal sealed class CommandJob : Job, ITransferOutput
{
    private static readonly TimeSpan ProgressPace = TimeSpan.FromMilliseconds(500);

    private readonly IReadOnlyList<JobWork> _work;
    private readonly int _maxConcurrency;
    private readonly Func<IReadOnlyList<ProgressRecord>> _sampleProgress;
    private readonly Func<string> _describe;
    private readonly string _verb;
    private readonly IDisposable _owned;
    private readonly string _commandName;
    private readonly CancellationTokenSource _stop = new();
    private readonly Dictionary<int, ProgressRecord> _shown = [];
    private Task _all = Task.CompletedTask;
    private int _succeeded;
    private volatile string _status = string.Empty;

    /// <summary>Creates a job that has not been started.</summary>
    /// <param name="typeName">The type of the job.</param>
    /// <param name="invocation">The call of the command.</param>
    /// <param name="work">The work, which runs in parallel.</param>
    /// <param name="maxConcurrency">The maximum number of inputs that are processed in parallel.</param>
    /// <param name="sampleProgress">Gets the current progress.</param>
    /// <param name="describe">Describes the progress for the status message while the job runs.</param>
    /// <param name="verb">What the status message says about work that succeeded, such as saved.</param>
    /// <param name="owned">An object that the job disposes of at its end.</param>
    public CommandJob(
        string typeName, InvocationInfo invocation, IReadOnlyList<JobWork> work, int maxConcurrency, Func<IReadOnlyList<ProgressRecord>> sampleProgress, Func<string> describe, string verb,
        IDisposable owned)
        : base(invocation.Line.Trim())
    {
        PSJobTypeName = typeName;
        _commandName = invocation.MyCommand.Name;
        _work = work;
        _maxConcurrency = maxConcurrency;
        _sampleProgress = sampleProgress;
        _describe = describe;
        _verb = verb;
        _owned = owned;
    }

    /// <inheritdoc/>
    public override bool HasMoreData =>
        Output.Count + Error.Count + Warning.Count + Verbose.Count + Debug.Count + Progress.Count > 0;

    /// <inheritdoc/>
    public override string Location => "localhost";

    /// <inheritdoc/>
    public override string StatusMessage => _status;

    /// <summary>Starts the work.</summary>
    public void Start()
    {
        SetJobState(JobState.Running);
        _all = Task.Run(RunAsync);
    }

    /// <inheritdoc/>
    public override void StopJob()
    {
        if (JobStateInfo.State != JobState.Running)
        {
            return;
        }

        SetJobState(JobState.Stopping);
        _stop.Cancel();
        Task.WaitAny(_all);
    }

    /// <inheritdoc/>
    public Task WriteObjectAsync(object value)
    {
        Output.Add(PSObject.AsPSObject(value));
        return Task.CompletedTask;
    }

    void ITransferOutput.Error(SfException exception, object? target)
    {
        ErrorRecord record = ErrorRecords.Of(exception, target);
        ErrorRecord own = new(exception, $"{exception.Error.Id},{_commandName}", record.CategoryInfo.Category, target) { ErrorDetails = record.ErrorDetails };

        // PowerShell displays it before the message, as for an error of the command itself.
        own.CategoryInfo.Activity = _commandName;
        Error.Add(own);
    }

    void ISfLog.Verbose(string message) => Verbose.Add(new VerboseRecord(message));

    void ISfLog.Debug(string message) => Debug.Add(new DebugRecord(message));

    void ISfLog.Warning(string message) => Warning.Add(new WarningRecord(message));

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            StopJob();
            _stop.Dispose();
            _owned.Dispose();
        }

        base.Dispose(disposing);
    }

    private async Task RunAsync()
    {
        JobState end = JobState.Failed;
        try
        {
            using SemaphoreSlim slots = new(_maxConcurrency);
            Task all = Task.WhenAll(_work.Select(work => RunAsync(work, slots)).ToArray());
            while (!all.IsCompleted)
            {
                await Task.WhenAny(all, Task.Delay(ProgressPace)).ConfigureAwait(false);
                ShowProgress(all.IsCompleted);
            }

            await all.ConfigureAwait(false);
            end = _succeeded < _work.Count ? JobState.Failed : JobState.Completed;
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            end = JobState.Stopped;
        }
        finally
        {
            ShowProgress(over: true);
            _status = $"{_succeeded} of {_work.Count} {_verb}";
            SetJobState(_stop.IsCancellationRequested ? JobState.Stopped : end);
        }
    }

    private async Task RunAsync(JobWork work, SemaphoreSlim slots)
    {
        await slots.WaitAsync(_stop.Token).ConfigureAwait(false);
        try
        {
            if (await work.RunAsync(this, _stop.Token).ConfigureAwait(false))
            {
                Interlocked.Increment(ref _succeeded);
            }
        }
        catch (SfException e)
        {
            ((ITransferOutput)this).Error(e, work.Target);
        }
        finally
        {
            slots.Release();
        }
    }

    private void ShowProgress(bool over)
    {
        IReadOnlyList<ProgressRecord> now = over ? [] : _sampleProgress();
        _status = _describe();
        foreach (ProgressRecord record in now)
        {
            _shown[record.ActivityId] = record;
            Progress.Add(record);
        }

        foreach (ProgressRecord ended in _shown.Values.Where(s => now.All(n => n.ActivityId != s.ActivityId)).ToArray())
        {
            _shown.Remove(ended.ActivityId);
            Progress.Add(new ProgressRecord(ended.ActivityId, ended.Activity, ended.StatusDescription) { RecordType = ProgressRecordType.Completed });
        }
    }
}
