using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using Microsoft.PowerShell;
using ShakenFist.Blobs.Playground.Host;

namespace ShakenFist.Blobs.Playground;

/// <summary>An embedded PowerShell with the module imported through its manifest.</summary>
internal sealed class Engine : IDisposable
{
    private readonly Runspace _runspace;
    private readonly Lock _gate = new();
    private PowerShell? _running;

    private Engine(Runspace runspace, PlaygroundHost host)
    {
        _runspace = runspace;
        Host = host;
    }

    public PlaygroundHost Host { get; }

    /// <summary>Where relative paths begin.</summary>
    public string Location
    {
        get => _runspace.SessionStateProxy.Path.CurrentLocation.Path;
        set => _runspace.SessionStateProxy.Path.SetLocation(WildcardPattern.Escape(value));
    }

    /// <exception cref="RuntimeException">The module cannot be imported.</exception>
    public static Engine Open(PlaygroundHost host)
    {
        InitialSessionState state = InitialSessionState.CreateDefault2();
        if (OperatingSystem.IsWindows())
        {
            // The module is the one just built here; its views would otherwise need a signature where the policy is AllSigned.
            state.ExecutionPolicy = ExecutionPolicy.Bypass;
        }

        state.ThrowOnRunspaceOpenError = true;
        state.ImportPSModule([ModuleUnderHand.Manifest]);
        Runspace runspace = RunspaceFactory.CreateRunspace(host, state);
        runspace.ThreadOptions = PSThreadOptions.ReuseThread;
        try
        {
            runspace.Open();
            return new Engine(runspace, host);
        }
        catch
        {
            // Its threads would keep the process.
            runspace.Dispose();
            throw;
        }
    }

    /// <summary>Makes an object reachable as a variable.</summary>
    public void SetVariable(string name, object value) => _runspace.SessionStateProxy.SetVariable(name, value);

    /// <summary>Runs text as if it were typed and shows what comes of it.</summary>
    public RunOutcome Run(string text)
    {
        try
        {
            // A stopped command does not always say so by an exception.
            PSInvocationState end = Invoke(shell =>
            {
                shell.AddScript(text).AddCommand("Out-Default");
                shell.Commands.Commands[0].MergeMyResults(PipelineResultTypes.Error, PipelineResultTypes.Output);
                shell.Invoke(null, new PSInvocationSettings { AddToHistory = true });
                return shell.InvocationStateInfo.State;
            });
            return end == PSInvocationState.Stopped ? RunOutcome.Stopped : Succeeded() ? RunOutcome.Succeeded : RunOutcome.Failed;
        }
        catch (PipelineStoppedException)
        {
            return RunOutcome.Stopped;
        }
        catch (RuntimeException e)
        {
            Show(e.ErrorRecord);
            return RunOutcome.Threw;
        }
        finally
        {
            Host.Console.EndProgress();
        }
    }

    /// <summary>What could stand at the cursor: commands, parameters and their values. Members and files PowerShell sorts by its Utility module, so there are none.</summary>
    public CommandCompletion Complete(string text, int cursor)
    {
        ArrayList errors = (ArrayList)_runspace.SessionStateProxy.GetVariable("Error");
        int before = errors.Count;
        using PowerShell shell = PowerShell.Create(_runspace);
        CommandCompletion found = CommandCompletion.CompleteInput(text, cursor, null, shell);

        // What went wrong inside is not the user's, who may be about to look at $Error.
        errors.RemoveRange(0, Math.Max(0, errors.Count - before));
        return found;
    }

    /// <summary>Stops what is running, if anything is.</summary>
    public void Stop()
    {
        lock (_gate)
        {
            _running?.BeginStop(null, null);
        }
    }

    public void Dispose() => _runspace.Dispose();

    private bool Succeeded() => Invoke(shell => shell.AddScript("$?").Invoke()) is [{ BaseObject: true }];

    /// <summary>PowerShell's own view of an error that ended a command.</summary>
    private void Show(ErrorRecord error)
    {
        using IDisposable asError = Host.Console.OutputIsError();
        Invoke(shell => shell.AddCommand("Out-Default").AddParameter("InputObject", error).Invoke());
    }

    private T Invoke<T>(Func<PowerShell, T> run)
    {
        using PowerShell shell = PowerShell.Create(_runspace);
        lock (_gate)
        {
            _running = shell;
        }

        try
        {
            return run(shell);
        }
        finally
        {
            lock (_gate)
            {
                _running = null;
            }
        }
    }
}

/// <summary>How a command ended.</summary>
internal enum RunOutcome
{
    /// <summary>PowerShell's <c>$?</c> is true after it.</summary>
    Succeeded,

    /// <summary>It ran to its end, with an error in its last statement.</summary>
    Failed,

    /// <summary>A terminating error ended it.</summary>
    Threw,

    /// <summary>The user stopped it.</summary>
    Stopped,
}
