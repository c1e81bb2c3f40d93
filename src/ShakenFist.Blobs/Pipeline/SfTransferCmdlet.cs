using System.Management.Automation;
using ShakenFist.Blobs.Parameters;
using ShakenFist.Blobs.Sessions;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Pipeline;

/// <summary>The base class of the cmdlets that save blobs as files, several in parallel, directly or in a job.</summary>
public abstract class SfTransferCmdlet : SfSessionCmdlet
{
    private readonly List<PlannedSave> _planned = [];
    private readonly List<FailedLookUp> _failed = [];
    private SaveRun? _run;
    private bool _handedOver;

    /// <summary>
    /// Specifies what is verified before a file gets its name: IfAvailable (the published hash, or only the length and a warning if there is none), Required
    /// (a missing published hash is an error), None (only the length), or Reread (the published hash, or a second download if there is none). The default is
    /// IfAvailable.
    /// </summary>
    [Parameter]
    public SfVerificationPolicy Verification { get; set; }

    /// <summary>Specifies the hash algorithm. By default, SHA256 or SHA512 is used, whichever is published and faster on this computer, otherwise SHA1.</summary>
    [Parameter]
    public SfHashAlgorithm? Algorithm { get; set; }

    /// <summary>Specifies the maximum number of connections of all blobs in the pipeline together.</summary>
    [Parameter]
    [ValidateRange(1, SfTransferLimits.MaxConnections)]
    public int ThrottleLimit { get; set; } = SfTransferLimits.DefaultConnections;

    /// <summary>Specifies the maximum transfer rate in bytes per second of all blobs in the pipeline together, such as 20MB.</summary>
    [Parameter]
    [ValidateRange(1, long.MaxValue)]
    public long? BytesPerSecond { get; set; }

    /// <summary>
    /// Specifies the number of bytes that must remain free on the disk, such as 10GB. The default is 0. A transfer that would leave less ends with the error DiskFull,
    /// before it starts or while it is running.
    /// </summary>
    [Parameter]
    [ValidateRange(0, long.MaxValue)]
    public long MinimumFreeSpace { get; set; }

    /// <summary>
    /// Specifies after how many seconds the command stops, from 0 to 86400. Transfers that are not complete then end with the error TimeLimitReached and can be resumed.
    /// By default, there is no time limit.
    /// </summary>
    [Parameter]
    [Alias("TimeoutSec")]
    [ValidateRange(0, 86400)]
    public int? TimeoutSeconds { get; set; }

    /// <summary>
    /// Specifies the date and time at which the command stops, as an alternative to -TimeoutSeconds. Transfers that are not complete then end with the error
    /// TimeLimitReached and can be resumed. A time without a time zone is local time.
    /// </summary>
    [Parameter]
    [DateText]
    public DateTime? StopAt { get; set; }

    /// <summary>
    /// How long, in seconds, a transfer continues without receiving at least 1 MiB of data, or what is left if that is less. After that time it ends with the error
    /// TransferInterrupted and can be resumed. The default is 300. With 0, the first failed request that gained less than 64 KiB ends it. Unless this parameter is
    /// specified, the first request of the command fails after a few seconds if the cluster cannot be reached.
    /// </summary>
    [Parameter]
    [ValidateRange(0, 86400)]
    public int RetryTimeoutSeconds { get; set; } = (int)SfBlobSaveOptions.DefaultRetryTimeout.TotalSeconds;

    /// <summary>Replaces existing files with other content, and discards interrupted transfers of other blobs to them.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Returns a record of each transfer.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <summary>Runs the transfers in a job and returns the job.</summary>
    [Parameter]
    public SwitchParameter AsJob { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        if (TimeoutSeconds is not null && StopAt is not null)
        {
            ThrowTerminatingError(ErrorRecords.Of(new SfException(SfErrors.TimeLimitAmbiguous, "Both -TimeoutSeconds and -StopAt are specified."), target: null));
        }

        TimeSpan? left = TimeoutSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : StopAt?.ToUniversalTime() - DateTime.UtcNow;
        CommandTimeLimit = new TimeLimit(left, TimeProvider.System);
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        base.EndProcessing();
        if (_planned.Count + _failed.Count > 0)
        {
            SaveRun run = _run!;
            JobWork[] work =
            [
                .. _failed.Select(failed => new JobWork(failed.Target, (_, _) => Task.FromException<bool>(failed.Exception))),
                .. _planned.Select(save => new JobWork(save.Target, (output, stop) => run.SaveForJobAsync(save, output, stop))),
            ];
            CommandJob job = new("SfBlobTransferJob", MyInvocation, work, run.MaxConcurrency, run.Board.Sample, run.Board.Describe, "saved", run);
            _handedOver = true;
            JobRepository.Add(job);
            job.Start();
            WriteObject(job);
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing && !_handedOver)
        {
            _run?.Dispose();
        }
    }

    /// <summary>Gets whether the dependencies of an image are saved as well.</summary>
    private protected virtual bool FollowsDependencies => false;

    /// <summary>Gets the options of the transfers.</summary>
    private protected virtual SfBlobSaveOptions OptionsOf() => new()
    {
        Force = Force,
        Verification = Verification,
        Algorithm = Algorithm,
        MinimumFreeSpace = MinimumFreeSpace,
        RetryTimeout = TimeSpan.FromSeconds(RetryTimeoutSeconds),
        Limits = new SfTransferLimits(ThrottleLimit, BytesPerSecond),
        CreateXxh128 = static () => DependencyLoadContext.CreateHasher(SfHashAlgorithm.XXH128),
    };

    /// <summary>Starts to save a blob while other transfers are running.</summary>
    /// <param name="uuid">The UUID of the blob.</param>
    /// <param name="target">The input object, for error records.</param>
    /// <param name="known">The blob, if all required properties are known. Null to request it.</param>
    /// <param name="fileFor">Gets the path of the file.</param>
    /// <param name="withOrigin">Adds the artifact or instance by which the blob was found, for messages. Null if there is none.</param>
    private protected void Begin(Guid uuid, object target, SfBlob? known, Func<SfBlob, string> fileFor, Func<SfBlob, SfBlob>? withOrigin = null)
    {
        SfSession session = ResolveSession();
        SaveRun run = _run ??= NewRun(session);

        // Reads a variable of the session, which only the pipeline thread can do.
        bool isWhatIf = IsWhatIf;
        run.Board.Expect();
        Func<PipelineSink, CancellationToken, Task> work = async (sink, stop) =>
        {
            bool isPlanned = false;
            try
            {
                if (await PlanAsync(run, uuid, target, known, fileFor, withOrigin, isWhatIf, sink, stop).ConfigureAwait(false) is not { } save)
                {
                    return;
                }

                if (!AsJob)
                {
                    await run.SaveAsync(save.Blob, save.File, sink, stop).ConfigureAwait(false);
                    return;
                }

                lock (_planned)
                {
                    _planned.Add(save);
                    isPlanned = true;
                }
            }
            finally
            {
                if (!isPlanned)
                {
                    run.Board.End();
                }
            }
        };
        BeginFor(uuid, target, work, run.Board.Sample);
    }

    /// <summary>Gets what to save. Null if the user declines it, or if a job will report that the blob cannot be looked up.</summary>
    /// <exception cref="SfException">The blob cannot be looked up.</exception>
    private async Task<PlannedSave?> PlanAsync(
        SaveRun run, Guid uuid, object target, SfBlob? known, Func<SfBlob, string> fileFor, Func<SfBlob, SfBlob>? withOrigin, bool isWhatIf, PipelineSink sink, CancellationToken stop)
    {
        try
        {
            SfBlob blob = known ?? await run.LookUpAsync(uuid, sink, stop).ConfigureAwait(false);
            blob = withOrigin?.Invoke(blob) ?? blob;
            string file = fileFor(blob);
            string what = $"{SfFormat.Blob(blob)} ({SfFormat.Size(blob.Size)})";
            string action = isWhatIf ? (await run.PreviewAsync(blob, file, sink, stop).ConfigureAwait(false)).Describe(what) : $"Save {what}";
            if (!await sink.ShouldProcessAsync(file, action).ConfigureAwait(false))
            {
                return null;
            }

            run.Board.ExpectBytes(blob.Size ?? 0);
            return new PlannedSave(blob, file, target);
        }
        catch (SfException e) when (AsJob && !isWhatIf)
        {
            lock (_failed)
            {
                _failed.Add(new FailedLookUp(e, target));
            }

            return null;
        }
    }

    private SaveRun NewRun(SfSession session)
    {
        SaveRun run = new(session, OptionsOf(), CommandTimeLimit!)
        {
            PassThru = PassThru,
            IncludeDependency = FollowsDependencies,
            RetriesFirstRequest = MyInvocation.BoundParameters.ContainsKey(nameof(RetryTimeoutSeconds)),
        };

        // The run owns it now, because a job can use it after the end of the command.
        CommandTimeLimit = null;
        RaiseConcurrency(run.MaxConcurrency);
        return run;
    }
}

/// <summary>A blob that a job reports as an error, because it could not be looked up.</summary>
internal sealed record FailedLookUp(SfException Exception, object Target);

/// <summary>A blob to be saved by a job.</summary>
internal sealed record PlannedSave(SfBlob Blob, string File, object Target);
