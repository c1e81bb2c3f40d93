using System.Management.Automation;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Pipeline;

/// <summary>Runs transfers as a PowerShell job: Receive-Job returns their output, and Stop-Job stops them so that they can be resumed.</summary>
internal sealed class TransferJob : Job, ITransferOutput
{
    private static readonly TimeSpan ProgressPace = TimeSpan.FromMilliseconds(500);

    private readonly IReadOnlyList<PlannedSave> _planned;
    private readonly IReadOnlyList<FailedLookUp> _failed;
    private readonly SaveRun _run;
    private readonly string _commandName;
    private readonly CancellationTokenSource _stop = new();
    private readonly Dictionary<int, ProgressRecord> _shown = [];
    private Task _work = Task.CompletedTask;
    private int _saved;
    private volatile string _status = string.Empty;

    /// <summary>Creates a job that has not been started. The job owns <paramref name="run"/>.</summary>
    public TransferJob(string command, string commandName, IReadOnlyList<PlannedSave> planned, IReadOnlyList<FailedLookUp> failed, SaveRun run)
        : base(command)
    {
        PSJobTypeName = "SfBlobTransferJob";
        _planned = planned;
        _failed = failed;
        _run = run;
        _commandName = commandName;
    }

    /// <inheritdoc/>
    public override bool HasMoreData =>
        Output.Count + Error.Count + Warning.Count + Verbose.Count + Debug.Count + Progress.Count > 0;

    /// <inheritdoc/>
    public override string Location => "localhost";

    /// <inheritdoc/>
    public override string StatusMessage => _status;

    /// <summary>Starts the transfers.</summary>
    public void Start()
    {
        SetJobState(JobState.Running);
        _work = Task.Run(RunAsync);
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
        Task.WaitAny(_work);
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
            _run.Dispose();
        }

        base.Dispose(disposing);
    }

    private async Task RunAsync()
    {
        JobState end = JobState.Failed;
        try
        {
            foreach (FailedLookUp failed in _failed)
            {
                ((ITransferOutput)this).Error(failed.Exception, failed.Target);
            }

            using SemaphoreSlim slots = new(_run.MaxConcurrency);
            Task all = Task.WhenAll(_planned.Select(save => SaveAsync(save, slots)).ToArray());
            while (!all.IsCompleted)
            {
                await Task.WhenAny(all, Task.Delay(ProgressPace)).ConfigureAwait(false);
                ShowProgress(all.IsCompleted);
            }

            await all.ConfigureAwait(false);
            end = _saved < _planned.Count + _failed.Count ? JobState.Failed : JobState.Completed;
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            end = JobState.Stopped;
        }
        finally
        {
            ShowProgress(over: true);
            _status = $"{_saved} of {_planned.Count + _failed.Count} saved";
            SetJobState(_stop.IsCancellationRequested ? JobState.Stopped : end);
        }
    }

    private async Task SaveAsync(PlannedSave save, SemaphoreSlim slots)
    {
        await slots.WaitAsync(_stop.Token).ConfigureAwait(false);
        try
        {
            await _run.SaveAsync(save.Blob, save.File, this, _stop.Token).ConfigureAwait(false);
            Interlocked.Increment(ref _saved);
        }
        catch (SfException e)
        {
            ((ITransferOutput)this).Error(e, save.Target);
        }
        finally
        {
            _run.Board.End();
            slots.Release();
        }
    }

    private void ShowProgress(bool over)
    {
        IReadOnlyList<ProgressRecord> now = over ? [] : _run.Board.Sample();
        PaceSample pace = _run.Board.SampleSum();
        _status = $"{Math.Max(pace.Percent, 0)} %, {SfFormat.Size((long)pace.BytesPerSecond)}/s";
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
