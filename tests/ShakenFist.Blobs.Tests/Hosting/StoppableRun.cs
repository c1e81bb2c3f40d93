using System.Diagnostics;
using System.Management.Automation;
using System.Management.Automation.Runspaces;

namespace ShakenFist.Blobs.Tests.Hosting;

/// <summary>A running script. Tests can wait for it, or stop it like Ctrl+C after a condition.</summary>
internal sealed class StoppableRun : IDisposable
{
    /// <summary>Users are promised half a second. A busy computer gets more.</summary>
    public static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan EventLimit = TimeSpan.FromMinutes(2);

    private readonly PowerShell _shell;
    private readonly TestHost _host;
    private readonly PSDataCollection<PSObject> _output = [];
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly IAsyncResult _run;
    private readonly int _shownBefore;

    public StoppableRun(Runspace runspace, TestHost host, string script)
    {
        _host = host;
        _shownBefore = host.Shown.Text.Length;
        _shell = PowerShell.Create(runspace).AddScript(script);
        _shell.InvocationStateChanged += (_, e) =>
        {
            if (e.InvocationStateInfo.State is PSInvocationState.Completed or PSInvocationState.Failed or PSInvocationState.Stopped)
            {
                _ended.TrySetResult();
            }
        };
        _shell.Streams.Progress.DataAdded += (_, e) => ProgressShown?.Invoke(_shell.Streams.Progress[e.Index]);
        _run = _shell.BeginInvoke<PSObject, PSObject>(null, _output);
    }

    /// <summary>Called on the pipeline thread for each progress record.</summary>
    public event Action<ProgressRecord>? ProgressShown;

    public EngineResult Wait(TimeSpan limit)
    {
        if (!_run.AsyncWaitHandle.WaitOne(limit))
        {
            _shell.BeginStop(null, null);
            throw new TimeoutException($"The script had not ended after {limit.TotalSeconds:0} s; so far: {Result(null).Everything}");
        }

        try
        {
            _shell.EndInvoke(_run);
            return Result(null);
        }
        catch (RuntimeException e)
        {
            return Result(e.ErrorRecord);
        }
    }

    /// <summary>
    /// Stops the script after <paramref name="happened"/> completes, and returns how long that took. <paramref name="asked"/> is called when the stop has started.
    /// </summary>
    public async Task<TimeSpan> StopAfterAsync(Task happened, Action? asked = null)
    {
        if (await Task.WhenAny(happened, _ended.Task).WaitAsync(EventLimit) != happened)
        {
            Assert.Fail($"The script ended before it could be stopped: {Wait(EventLimit).Everything}");
        }

        Stopwatch watch = Stopwatch.StartNew();
        _ = _shell.BeginStop(null, null);
        asked?.Invoke();
        await _ended.Task.WaitAsync(EventLimit);
        watch.Stop();
        Assert.True(watch.Elapsed < StopLimit, $"The stop took {watch.ElapsedMilliseconds} ms.");
        TestContext.Current.TestOutputHelper?.WriteLine($"Stopped within {watch.ElapsedMilliseconds} ms.");
        return watch.Elapsed;
    }

    /// <summary>The output before the script was stopped.</summary>
    public EngineResult Stopped() => Result(null);

    public void Dispose() => _shell.Dispose();

    private EngineResult Result(ErrorRecord? ended)
    {
        PSDataStreams streams = _shell.Streams;
        List<ErrorRecord> errors = [.. streams.Error];
        if (ended is not null && !errors.Exists(e => e.FullyQualifiedErrorId == ended.FullyQualifiedErrorId && e.Exception.Message == ended.Exception.Message))
        {
            errors.Add(ended);
        }

        return new EngineResult
        {
            Output = [.. _output],
            Ended = ended,
            Errors = errors,
            Verbose = [.. streams.Verbose.Select(r => r.Message)],
            Warnings = [.. streams.Warning.Select(r => r.Message)],
            Debug = [.. streams.Debug.Select(r => r.Message)],
            Progress = [.. streams.Progress],
            HadErrors = _shell.HadErrors,
            Shown = _host.Shown.Text[_shownBefore..],
        };
    }
}
