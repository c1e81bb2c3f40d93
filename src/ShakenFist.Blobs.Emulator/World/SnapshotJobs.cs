namespace ShakenFist.Blobs.Emulator;

/// <summary>A snapshot that was requested. Its blob does not exist until a job has created it.</summary>
/// <param name="Instance">The instance.</param>
/// <param name="Device">The device of the disk, or nvram.</param>
/// <param name="Artifact">The artifact that gets a new version.</param>
/// <param name="BlobUuid">The UUID that the blob will have.</param>
/// <param name="Thin">Whether the blob depends on the blob that the disk was created from.</param>
public sealed record EmulatedSnapshot(EmulatedInstance Instance, string Device, EmulatedArtifact Artifact, Guid BlobUuid, bool Thin);

/// <summary>The jobs that create the blobs of snapshots after the response to the request.</summary>
public sealed class SnapshotJobs(EmulatorState state)
{
    private const long GeneratedSize = 1 << 20;

    private readonly LinkedList<EmulatedSnapshot> _waiting = new();
    private readonly Lock _gate = new();

    /// <summary>How long a job waits after the request. With zero, the blob exists before the response. With an infinite time, the job waits for <see cref="RunAll"/>.</summary>
    public TimeSpan Delay { get; set; }

    /// <summary>Creates the blob of a snapshot. If it returns null, the job fails: the blob never appears, and no response reports that.</summary>
    public Func<EmulatedSnapshot, EmulatedBlob?> CreateBlob { get; set; } = Generate;

    /// <summary>Creates the UUIDs of artifacts and blobs.</summary>
    public Func<Guid> NewUuid { get; set; } = Guid.NewGuid;

    /// <summary>Runs all waiting jobs now, in the order in which they were requested.</summary>
    public void RunAll()
    {
        while (true)
        {
            EmulatedSnapshot? next;
            lock (_gate)
            {
                next = _waiting.First?.Value;
            }

            if (next is null)
            {
                return;
            }

            Run(next);
        }
    }

    /// <summary>Creates the blob of a snapshot: the data of its disk, or generated data, without checksums.</summary>
    public static EmulatedBlob? Generate(EmulatedSnapshot snapshot)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        EmulatedDisk? disk = snapshot.Instance.Disks.FirstOrDefault(disk => disk.Device == snapshot.Device);
        bool isNvram = disk is null;
        BlobContent content = disk?.File ?? new GeneratedContent(isNvram ? 2000 : GeneratedSize, BitConverter.ToInt32(snapshot.BlobUuid.ToByteArray()));
        EmulatedBlob blob = EmulatedBlob.From(content, snapshot.BlobUuid, publish: isNvram);
        blob.DependsOn = snapshot.Thin ? disk?.BlobUuid : null;
        return blob;
    }

    internal void Add(EmulatedSnapshot snapshot)
    {
        lock (_gate)
        {
            _waiting.AddLast(snapshot);
        }

        if (Delay == TimeSpan.Zero)
        {
            Run(snapshot);
        }
        else if (Delay != Timeout.InfiniteTimeSpan)
        {
            _ = RunLaterAsync(snapshot);
        }
    }

    /// <summary>Runs one job, unless it has already run.</summary>
    internal void Run(EmulatedSnapshot snapshot)
    {
        lock (_gate)
        {
            if (!_waiting.Remove(snapshot))
            {
                return;
            }
        }

        if (CreateBlob(snapshot) is { } blob)
        {
            blob.ReferenceCount = 0;
            state.AddBlob(blob);
            ArtifactVersions.Add(state, snapshot.Artifact, blob);
        }
    }

    private async Task RunLaterAsync(EmulatedSnapshot snapshot)
    {
        await Task.Delay(Delay);
        Run(snapshot);
    }
}
