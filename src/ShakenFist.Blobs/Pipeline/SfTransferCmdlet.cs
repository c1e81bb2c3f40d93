using System.Diagnostics;
using System.Management.Automation;
using ShakenFist.Blobs.Parameters;
using ShakenFist.Blobs.Sessions;

namespace ShakenFist.Blobs.Pipeline;

/// <summary>A cmdlet that brings blobs to files, several at a time, here or in a job.</summary>
public abstract class SfTransferCmdlet : SfSessionCmdlet
{
    private readonly List<PlannedSave> _planned = [];
    private SaveRun? _run;
    private bool _handedOver;
    private long _began;

    /// <summary>
    /// What must be proven before a file is put in its place: IfAvailable (by a published hash; where there is none, length alone, with a warning), Required
    /// (no published hash is an error) or None (length alone).
    /// </summary>
    [Parameter]
    public SfVerificationPolicy Verification { get; set; }

    /// <summary>The algorithm to verify by. Without it, the faster of SHA-256 and SHA-512 on this machine that is published, else SHA-1.</summary>
    [Parameter]
    public SfHashAlgorithm? Algorithm { get; set; }

    /// <summary>Connections at a time, of all blobs of the pipeline together.</summary>
    [Parameter]
    [ValidateRange(1, SfTransferLimits.MaxConnections)]
    public int ThrottleLimit { get; set; } = SfTransferLimits.DefaultConnections;

    /// <summary>Bytes per second at most, of all blobs of the pipeline together, such as 20MB.</summary>
    [Parameter]
    [ValidateRange(1, long.MaxValue)]
    public long? BytesPerSecond { get; set; }

    /// <summary>When to stop, resumably: a time span from now, such as '01:30:00', or a date and time.</summary>
    [Parameter]
    [Deadline]
    public TimeSpan? Deadline { get; set; }

    /// <summary>
    /// How long, in seconds, a transfer continues without receiving at least 1 MiB of data, or what is left if that is less. After that time it ends with the error
    /// TransferInterrupted and can be resumed. The default is 300. With 0, the first failed request that gained less than 64 KiB ends it. Unless this parameter is
    /// specified, the first request of the command fails after a few seconds if the cluster cannot be reached.
    /// </summary>
    [Parameter]
    [ValidateRange(0, 86400)]
    public int RetryTimeoutSeconds { get; set; } = (int)SfDownloadOptions.DefaultRetryTimeout.TotalSeconds;

    /// <summary>Replace existing files that are not the blob, and give up what transfers of other blobs to them have left.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Output a record of each transfer.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <summary>Run the transfers in a job, and output that.</summary>
    [Parameter]
    public SwitchParameter AsJob { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing() => _began = Stopwatch.GetTimestamp();

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        base.EndProcessing();
        if (_planned.Count > 0)
        {
            TransferJob job = new(MyInvocation.Line.Trim(), MyInvocation.MyCommand.Name, _planned, _run!);
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

    /// <summary>Whether what an image depends on is saved with it.</summary>
    private protected virtual bool FollowsDependencies => false;

    /// <summary>What the transfers of this command may do and must prove.</summary>
    private protected virtual SfDownloadOptions OptionsOf() => new()
    {
        Force = Force,
        Verification = Verification,
        Algorithm = Algorithm,
        RetryTimeout = TimeSpan.FromSeconds(RetryTimeoutSeconds),
        Limits = new SfTransferLimits(ThrottleLimit, BytesPerSecond),
        CreateXxh128 = static () => IsolatedRoom.CreateHasher(SfHashAlgorithm.XXH128),
    };

    /// <summary>Begins to save a blob, others being under way.</summary>
    /// <param name="uuid">The blob.</param>
    /// <param name="target">What the user passed.</param>
    /// <param name="known">The blob's record if it tells enough; null to ask for it.</param>
    /// <param name="fileFor">The file for it.</param>
    private protected void Begin(Guid uuid, object target, SfBlob? known, Func<SfBlob, string> fileFor)
    {
        SfSession session = ResolveSession();
        SaveRun run = _run ??= NewRun(session);
        Func<PipelineSink, CancellationToken, Task> work = async (sink, stop) =>
        {
            SfBlob blob = known ?? await run.LookUpAsync(uuid, sink, stop).ConfigureAwait(false);
            string file = fileFor(blob);
            if (!await sink.ShouldProcessAsync(file, $"Save the {SfFormat.Size(blob.Size)} of blob {blob.Uuid:D}").ConfigureAwait(false))
            {
                return;
            }

            if (AsJob)
            {
                lock (_planned)
                {
                    _planned.Add(new PlannedSave(blob, file, target));
                }

                return;
            }

            await run.SaveAsync(blob, file, sink, stop).ConfigureAwait(false);
        };
        BeginFor(uuid, target, work, run.Board.Sample);
    }

    private SaveRun NewRun(SfSession session)
    {
        SaveRun run = new(session, OptionsOf(), Deadline - Stopwatch.GetElapsedTime(_began))
        {
            PassThru = PassThru,
            IncludeDependency = FollowsDependencies,
            WaitsFromTheStart = MyInvocation.BoundParameters.ContainsKey(nameof(RetryTimeoutSeconds)),
        };
        AllowAtOnce(run.MostAtOnce);
        return run;
    }
}

/// <summary>A blob that is to be saved by a job.</summary>
internal sealed record PlannedSave(SfBlob Blob, string File, object Target);
