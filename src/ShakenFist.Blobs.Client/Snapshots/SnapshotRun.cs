using System.Globalization;
using ShakenFist.Blobs.Model;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Snapshots;

/// <summary>Takes snapshots of the disks of one instance, and waits until their blobs exist.</summary>
internal sealed class SnapshotRun(SfSession session, SfInstance instance, SnapshotOptions options, TimeLimit timeLimit)
{
    private const string ChecksumCapability = "blob-single-checksum";
    private const string Nvram = "nvram";

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    // Read by the thread that shows the progress.
    private readonly object _gate = new();
    private readonly List<TakenSnapshot> _taken = [];
    private readonly HashSet<TakenSnapshot> _finished = [];
    private string? _sending;

    /// <summary>Gets the name of the instance for messages.</summary>
    public string Name { get; } = ServerText.Clean(instance.ToString(), 100);

    /// <summary>Gets the time since the command started.</summary>
    public TimeSpan Elapsed => timeLimit.Elapsed;

    /// <summary>Gets the number of snapshots whose wait has ended, and the number of snapshots.</summary>
    public (int Finished, int Taken) Counts
    {
        get
        {
            lock (_gate)
            {
                return (_finished.Count, _taken.Count);
            }
        }
    }

    /// <summary>Verifies that the cluster can be asked to compute checksums.</summary>
    /// <exception cref="SfException"><see cref="SfErrors.CapabilityMissing"/>.</exception>
    public static void RequireChecksums(SfSession session) => session.Capabilities.Require(ChecksumCapability, "Waiting for the checksums of snapshots");

    /// <summary>Describes the snapshots for a confirmation prompt, with the versions that they push out.</summary>
    /// <param name="artifacts">The artifacts that the namespace can use. Null if they are not known.</param>
    public string Describe(IReadOnlyList<SfArtifact>? artifacts)
    {
        string[] devices = [.. options.Devices ?? AllDevices()];
        string action = devices.Length switch
        {
            0 => "Take a snapshot of all disks",
            1 => $"Take a snapshot of disk {devices[0]}",
            _ => $"Take snapshots of disks {string.Join(", ", devices)}",
        };
        string[] removed = [.. devices.SelectMany(device => RemovedVersions(device, artifacts ?? []))];
        return removed.Length == 0 ? action : $"{action}. The cluster will delete {string.Join(", ", removed)}";
    }

    /// <summary>Describes the snapshots whose blobs do not exist yet, after the work was stopped. Null if there are none.</summary>
    public string? DescribeUnfinished()
    {
        lock (_gate)
        {
            if (_sending is { } device)
            {
                return $"The command was stopped while it requested a snapshot of {device} of instance '{Name}'. The cluster may take the snapshot. To see it later, run Get-SfBlob -Instance with -Snapshot.";
            }

            string[] open = [.. _taken.Where(snapshot => !_finished.Contains(snapshot)).Select(snapshot => $"{snapshot.Device} (blob {snapshot.BlobUuid:D})")];
            return open.Length == 0 ? null
                : $"The command was stopped before it returned all snapshots of instance '{Name}'. The cluster keeps these, or still creates them: {string.Join(", ", open)}. To see them later, run Get-SfBlob -Instance with -Snapshot.";
        }
    }

    /// <summary>Takes the snapshots and waits for their blobs. A failure with one disk is reported, and the others continue.</summary>
    /// <param name="write">Receives each blob, in the order of the response.</param>
    /// <param name="report">Receives each failure.</param>
    /// <param name="log">Receives a line for each request.</param>
    /// <param name="cancellationToken">Stops waiting. The snapshots are still taken.</param>
    public async Task RunAsync(Func<SfBlob, Task> write, Action<SfException> report, ISfLog log, CancellationToken cancellationToken)
    {
        foreach (string? device in (IReadOnlyList<string?>?)options.Devices ?? [null])
        {
            try
            {
                await TakeAsync(device, log, cancellationToken).ConfigureAwait(false);
            }
            catch (SfException e)
            {
                report(e);
            }
        }

        foreach (TakenSnapshot snapshot in _taken)
        {
            try
            {
                SfBlob blob = await WaitAsync(snapshot, log, cancellationToken).ConfigureAwait(false);
                await write(await WithOriginAsync(blob, snapshot, log, cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
            }
            catch (SfException e)
            {
                report(e);
            }

            lock (_gate)
            {
                _finished.Add(snapshot);
            }
        }
    }

    private async Task TakeAsync(string? device, ISfLog log, CancellationToken cancellationToken)
    {
        string what = device is null ? "the disks" : $"disk {ServerText.Clean(device, 40)}";
        SetSending(what);
        IReadOnlyList<TakenSnapshot> taken;
        try
        {
            taken = await session.TakeSnapshotAsync(instance.Uuid, device, options.Thin, options.MaxVersions, log, cancellationToken).ConfigureAwait(false);
        }
        catch (SfException)
        {
            // The error reports whether a snapshot may have been taken.
            SetSending(null);
            throw;
        }

        lock (_gate)
        {
            _sending = null;
            _taken.AddRange(taken);
        }

        foreach (TakenSnapshot snapshot in taken)
        {
            log.Verbose($"The snapshot of disk {snapshot.Device} of instance '{Name}' will be blob {snapshot.BlobUuid:D}.");
        }

        if (taken.Count == 0)
        {
            throw new SfException(SfErrors.SnapshotNotTaken, $"The cluster took no snapshot of {what} of instance '{Name}' ({instance.Uuid:D}).");
        }
    }

    /// <summary>Waits until a blob exists. The snapshot is already being taken, so requests that fail are repeated until the time limit.</summary>
    private async Task<SfBlob> WaitAsync(TakenSnapshot snapshot, ISfLog log, CancellationToken cancellationToken)
    {
        string reason = "the blob does not exist yet";
        for (TimeSpan pause = FirstPause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            try
            {
                SfBlob blob = await session.GetBlobAsync(snapshot.BlobUuid, log, cancellationToken).ConfigureAwait(false);
                if (blob.State is "deleted" or "error")
                {
                    throw new SfException(SfErrors.BlobStateFinal, $"The snapshot of disk {snapshot.Device} of instance '{Name}', blob {snapshot.BlobUuid:D}, is in state {blob.State}.");
                }

                reason = $"the blob is in state '{ServerText.Clean(blob.State, 40)}'";
                if (blob.State == "created")
                {
                    if ((options.WaitForChecksum ? await WithHashAsync(blob, log, cancellationToken).ConfigureAwait(false) : blob) is { } complete)
                    {
                        return complete;
                    }

                    reason = "the cluster has not computed the hash of the blob";
                }
            }
            catch (SfException e) when (e.Error == SfErrors.BlobNotFound || SfErrors.IsTransient(e.Error))
            {
                reason = e.Error == SfErrors.BlobNotFound ? "the blob does not exist yet" : ErrorText.Clause(e.Message);
            }

            if (!await timeLimit.DelayAsync(pause, cancellationToken).ConfigureAwait(false))
            {
                throw new SfException(SfErrors.WaitTimeout, string.Create(CultureInfo.InvariantCulture,
                    $"The snapshot of disk {snapshot.Device} of instance '{Name}', blob {snapshot.BlobUuid:D}, is not complete after {timeLimit.Elapsed.TotalSeconds:0} s: {reason}. The snapshot is not canceled."));
            }
        }
    }

    /// <summary>Returns the blob if it has a published hash. Otherwise the cluster is asked to compute one, and null is returned.</summary>
    private async Task<SfBlob?> WithHashAsync(SfBlob blob, ISfLog log, CancellationToken cancellationToken)
    {
        if (PublishedHash.Of(blob) is not null)
        {
            return blob;
        }

        string? hash = await session.GetBlobChecksumAsync(blob.Uuid, SfHashAlgorithm.SHA512, log, cancellationToken).ConfigureAwait(false);
        return hash is null ? null
            : SfHashAlgorithm.SHA512.IsHash(hash) ? blob with { Sha512 = hash }
            : throw new SfException(SfErrors.InvalidResponse, $"The cluster returned '{ServerText.Clean(hash, 140)}' as the SHA512 hash of blob {blob.Uuid:D}, which is not a valid hash.");
    }

    /// <summary>Adds the instance, the disk, and the version. The version is in the artifact, which also shows whether <see cref="SnapshotOptions.MaxVersions"/> counted.</summary>
    private async Task<SfBlob> WithOriginAsync(SfBlob blob, TakenSnapshot snapshot, ISfLog log, CancellationToken cancellationToken)
    {
        SfArtifact? artifact = null;
        try
        {
            artifact = await session.GetArtifactAsync(snapshot.ArtifactUuid, log, cancellationToken).ConfigureAwait(false);
            if (options.MaxVersions is { } requested && artifact.MaxVersions is { } kept && kept != requested)
            {
                log.Warning(string.Create(CultureInfo.InvariantCulture,
                    $"The cluster keeps {kept} snapshots of disk {snapshot.Device} of instance '{Name}', not {requested}: -MaxVersions counts only for the first snapshot of a disk. To change the number, run Set-SfArtifact {artifact.Uuid:D} -MaxVersions {requested}."));
            }
        }
        catch (SfException e)
        {
            log.Verbose($"The version of blob {blob.Uuid:D} is not known. {e.Message}");
        }

        return blob with
        {
            Artifact = artifact?.ToString(),
            Version = artifact?.Versions.LastOrDefault(version => version.BlobUuid == blob.Uuid)?.Index,
            Instance = instance.ToString(),
            Disk = snapshot.Device,
        };
    }

    private IEnumerable<string> AllDevices()
    {
        IEnumerable<string> disks = instance.Disks.Where(disk => disk.SnapshotIgnores != true).Select(disk => ServerText.Clean(disk.Device, 40));
        return instance.AdditionalProperties.GetValueOrDefault("uefi") is true ? disks.Append(Nvram) : disks;
    }

    /// <summary>Describes the versions of a disk that exceed the maximum when another one is added.</summary>
    private IEnumerable<string> RemovedVersions(string device, IReadOnlyList<SfArtifact> artifacts)
    {
        string url = ArtifactName.SnapshotUrl(instance.Uuid) + device;
        if (artifacts.FirstOrDefault(artifact => artifact.Type == "snapshot" && artifact.SourceUrl == url) is not { MaxVersions: > 0 and var max } artifact)
        {
            return [];
        }

        return artifact.Versions.Take((int)Math.Max(0, artifact.Versions.Length + 1 - max))
            .Select(version => string.Create(CultureInfo.InvariantCulture, $"version {version.Index} of disk {device} (blob {version.BlobUuid:D})"));
    }

    private void SetSending(string? what)
    {
        lock (_gate)
        {
            _sending = what;
        }
    }
}
