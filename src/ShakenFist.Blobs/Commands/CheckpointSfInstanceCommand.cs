using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Host;
using ShakenFist.Blobs.Model;
using ShakenFist.Blobs.Parameters;
using ShakenFist.Blobs.Pipeline;
using ShakenFist.Blobs.Snapshots;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Commands;

/// <summary>Takes snapshots of the disks of instances, waits until their blobs exist, and returns the blobs.</summary>
[Cmdlet(VerbsData.Checkpoint, "SfInstance", DefaultParameterSetName = NameSet, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(SfBlob), typeof(Job))]
public sealed class CheckpointSfInstanceCommand : SfSessionCmdlet
{
    private const string NameSet = "Name";
    private const string InputObjectSet = "InputObject";
    private const string UuidSet = "Uuid";
    private const int FirstActivityId = 0x5F_0001;
    private const int MaxShown = 5;
    private const int MaxConcurrency = 8;

    // Work items that run in parallel must not request the same list twice.
    private readonly SemaphoreSlim _lookUp = new(1);
    private readonly List<SnapshotRun> _runs = [];
    private readonly HashSet<Guid> _begun = [];
    private readonly List<JobWork> _planned = [];
    private InstanceFinder? _instances;
    private ArtifactFinder? _artifacts;
    private PSHost? _host;
    private bool _handedOver;

    /// <summary>Specifies the names or UUIDs of the instances. Names are case-sensitive.</summary>
    [Parameter(ParameterSetName = NameSet, Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(InstanceNameCompleter))]
    public string[] Name { get; set; } = [];

    /// <summary>Specifies the instances from the pipeline: instances, names, or UUIDs.</summary>
    [Parameter(ParameterSetName = InputObjectSet, Mandatory = true, ValueFromPipeline = true)]
    [ValidateNotNullOrEmpty]
    public SfInstanceIdentity[] InputObject { get; set; } = [];

    /// <summary>Specifies the UUIDs of the instances.</summary>
    [Parameter(ParameterSetName = UuidSet, Mandatory = true)]
    [Alias("InstanceUuid")]
    public Guid[] Uuid { get; set; } = [];

    /// <summary>
    /// Specifies the devices of the disks, such as vda. Wildcards are allowed. Each disk is requested separately. By default, all disks and the NVRAM are requested together.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[]? Disk { get; set; }

    /// <summary>Takes snapshots that contain only the changes since the disk was created, and depend on the blob that the disk was created from.</summary>
    [Parameter]
    public SwitchParameter Thin { get; set; }

    /// <summary>Specifies the number of snapshots of each disk that the cluster keeps. It counts only for the first snapshot of a disk.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int? MaxVersions { get; set; }

    /// <summary>Requests a checksum of each snapshot, and waits until it is computed. Requires the capability blob-single-checksum.</summary>
    [Parameter]
    public SwitchParameter WaitForChecksum { get; set; }

    /// <summary>Specifies how many seconds the command waits, for all snapshots together. The default is 600. With 0, each blob is requested once.</summary>
    [Parameter]
    [Alias("TimeoutSec")]
    [ValidateRange(0, 86400)]
    public int TimeoutSeconds { get; set; } = 600;

    /// <summary>Takes the snapshots in a job and returns the job.</summary>
    [Parameter]
    public SwitchParameter AsJob { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        CommandTimeLimit = new TimeLimit(TimeSpan.FromSeconds(TimeoutSeconds), TimeProvider.System);
        _host = Host;
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        SfSession session = ResolveSession();
        if (WaitForChecksum)
        {
            try
            {
                SnapshotRun.RequireChecksums(session);
            }
            catch (SfException e)
            {
                ThrowTerminatingError(ErrorRecords.Of(e, target: null));
            }
        }

        _instances ??= new InstanceFinder(session);
        _artifacts ??= new ArtifactFinder(session);
        foreach (SfInstanceIdentity instance in Name.Select(name => new SfInstanceIdentity(name)).Concat(Uuid.Select(uuid => new SfInstanceIdentity(uuid))).Concat(InputObject))
        {
            TimeLimit timeLimit = CommandTimeLimit!;
            object target = instance.Uuid is { } uuid ? uuid : instance.Text!;
            BeginFor(Guid.NewGuid(), target, (sink, stop) => BeginAsync(session, instance, target, timeLimit, sink, stop), SampleProgress);
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        base.EndProcessing();
        if (_planned.Count > 0)
        {
            // The job uses the time limit after the end of the command.
            TimeLimit timeLimit = CommandTimeLimit!;
            CommandTimeLimit = null;
            CommandJob job = new("SfCheckpointJob", MyInvocation, _planned, MaxConcurrency, SampleProgress, DescribeProgress, "completed", timeLimit);
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
        if (!disposing)
        {
            return;
        }

        _lookUp.Dispose();
        if (!_handedOver)
        {
            // A command that was stopped cannot write to the pipeline, but the user needs to know which snapshots the cluster keeps.
            foreach (SnapshotRun run in _runs)
            {
                if (run.DescribeUnfinished() is { } text)
                {
                    _host?.UI?.WriteWarningLine(text);
                }
            }
        }
    }

    private async Task BeginAsync(SfSession session, SfInstanceIdentity identity, object target, TimeLimit timeLimit, PipelineSink sink, CancellationToken stop)
    {
        SfInstance instance = await FindAsync(session, identity, sink, stop).ConfigureAwait(false);
        lock (_runs)
        {
            if (!_begun.Add(instance.Uuid))
            {
                sink.Verbose($"Instance {instance.Uuid:D} was specified more than once. One snapshot is taken.");
                return;
            }
        }

        SnapshotRun run = new(
            session,
            instance,
            new SnapshotOptions { Devices = Disk is null ? null : [.. Devices(instance)], Thin = Thin, MaxVersions = MaxVersions, WaitForChecksum = WaitForChecksum },
            timeLimit);
        string action = run.Describe(ShowsAction ? await ListArtifactsAsync(sink, stop).ConfigureAwait(false) : null);
        if (!await sink.ShouldProcessAsync($"Instance '{run.Name}' ({instance.Uuid:D})", action).ConfigureAwait(false))
        {
            return;
        }

        lock (_runs)
        {
            _runs.Add(run);
            if (AsJob)
            {
                _planned.Add(new JobWork(target, (output, token) => RunInJobAsync(run, target, output, token)));
                return;
            }
        }

        await run.RunAsync(sink.WriteObjectAsync, e => sink.Error(e, target), sink, stop).ConfigureAwait(false);
    }

    private static async Task<bool> RunInJobAsync(SnapshotRun run, object target, ITransferOutput output, CancellationToken stop)
    {
        try
        {
            bool succeeded = true;
            await run.RunAsync(
                output.WriteObjectAsync,
                e =>
                {
                    succeeded = false;
                    output.Error(e, target);
                },
                output,
                stop).ConfigureAwait(false);
            return succeeded;
        }
        catch (OperationCanceledException)
        {
            if (run.DescribeUnfinished() is { } text)
            {
                output.Warning(text);
            }

            throw;
        }
    }

    private async Task<SfInstance> FindAsync(SfSession session, SfInstanceIdentity identity, ISfLog log, CancellationToken stop)
    {
        if (identity.Instance is { } known)
        {
            return known;
        }

        if (identity.Uuid is { } uuid)
        {
            return await session.GetInstanceAsync(uuid, log, stop).ConfigureAwait(false);
        }

        await _lookUp.WaitAsync(stop).ConfigureAwait(false);
        try
        {
            return await _instances!.FindOneAsync(identity.Text!, log, stop).ConfigureAwait(false);
        }
        finally
        {
            _lookUp.Release();
        }
    }

    private async Task<IReadOnlyList<SfArtifact>> ListArtifactsAsync(ISfLog log, CancellationToken stop)
    {
        await _lookUp.WaitAsync(stop).ConfigureAwait(false);
        try
        {
            return await _artifacts!.ListAsync(log, stop).ConfigureAwait(false);
        }
        finally
        {
            _lookUp.Release();
        }
    }

    /// <summary>Gets the devices that -Disk specifies. A device without wildcards is requested even if the record of the instance does not contain it, such as nvram.</summary>
    private List<string> Devices(SfInstance instance)
    {
        List<string> devices = [];
        foreach (string pattern in Disk!)
        {
            if (!Wildcards.IsPattern(pattern))
            {
                devices.Add(Wildcards.Literal(pattern));
                continue;
            }

            Wildcards wild = new([pattern]);
            string[] found = [.. instance.Disks.Where(disk => disk.SnapshotIgnores != true && wild.Match(disk.Device)).Select(disk => disk.Device!)];
            devices.AddRange(found.Length > 0
                ? found
                : throw new SfException(SfErrors.DiskNotFound, $"No disk of instance '{ServerText.Clean(instance.ToString(), 100)}' matches '{ServerText.Clean(pattern, 40)}'."));
        }

        return [.. devices.Distinct(StringComparer.Ordinal)];
    }

    private string DescribeProgress()
    {
        lock (_runs)
        {
            return $"{_runs.Sum(run => run.Counts.Finished)} of {_runs.Sum(run => run.Counts.Taken)} disks";
        }
    }

    private IReadOnlyList<ProgressRecord> SampleProgress()
    {
        lock (_runs)
        {
            return [.. _runs.Select((run, i) => (Run: run, Id: FirstActivityId + i, run.Counts)).Where(shown => shown.Counts.Finished < shown.Counts.Taken).Take(MaxShown).Select(shown =>
                new ProgressRecord(
                    shown.Id,
                    $"Taking snapshots of instance '{shown.Run.Name}'",
                    string.Create(CultureInfo.CurrentCulture, $"{shown.Counts.Finished} of {shown.Counts.Taken} disks, {shown.Run.Elapsed.TotalSeconds:0} of {TimeoutSeconds} s"))
                {
                    PercentComplete = PaceSample.PercentOf(shown.Counts.Finished, shown.Counts.Taken),
                })];
        }
    }
}
