using System.Management.Automation;
using ShakenFist.Blobs.Model;
using ShakenFist.Blobs.Parameters;
using ShakenFist.Blobs.Pipeline;

namespace ShakenFist.Blobs.Commands;

/// <summary>Gets blobs by UUID, by artifact, by instance or, in the system namespace, all blobs of the cluster.</summary>
[Cmdlet(VerbsCommon.Get, "SfBlob", DefaultParameterSetName = ListSet)]
[OutputType(typeof(SfBlob))]
public sealed class GetSfBlobCommand : SfSessionCmdlet
{
    private const string ListSet = "List";
    private const string UuidSet = "Uuid";
    private const string ArtifactSet = "Artifact";
    private const string ArtifactVersionSet = "ArtifactVersion";
    private const string ArtifactAllVersionsSet = "ArtifactAllVersions";
    private const string InstanceSet = "Instance";
    private const string InstanceDiskSet = "InstanceDisk";
    private const string SnapshotSet = "Snapshot";
    private const string AgentOperationSet = "AgentOperation";

    private BlobFinder? _finder;

    /// <summary>Specifies the UUIDs of the blobs. Any namespace can get a blob by its UUID. For an artifact, its newest blob is used, and for an instance, the blobs of its disks.</summary>
    [Parameter(ParameterSetName = UuidSet, Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("BlobUuid")]
    [AllowEmptyCollection]
    [ArgumentCompleter(typeof(BlobUuidCompleter))]
    public SfBlobIdentity[] Uuid { get; set; } = [];

    /// <summary>Gets only blobs whose data is on one of these nodes. Wildcards are allowed.</summary>
    [Parameter(ParameterSetName = ListSet)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(NodeCompleter))]
    public string[]? Node { get; set; }

    /// <summary>Gets the newest blob of these artifacts. Specify names, source URLs, UUIDs, or artifacts.</summary>
    [Parameter(ParameterSetName = ArtifactSet, Mandatory = true)]
    [Parameter(ParameterSetName = ArtifactVersionSet, Mandatory = true, ValueFromPipeline = true)]
    [Parameter(ParameterSetName = ArtifactAllVersionsSet, Mandatory = true, ValueFromPipeline = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ArtifactNameCompleter))]
    public SfArtifactIdentity[] Artifact { get; set; } = [];

    /// <summary>Gets this version of the artifacts instead of the newest one.</summary>
    [Parameter(ParameterSetName = ArtifactVersionSet, Mandatory = true)]
    [ValidateRange(1, long.MaxValue)]
    public long Version { get; set; }

    /// <summary>Gets all versions of the artifacts or snapshots, oldest first.</summary>
    [Parameter(ParameterSetName = ArtifactAllVersionsSet, Mandatory = true)]
    [Parameter(ParameterSetName = SnapshotSet)]
    public SwitchParameter AllVersions { get; set; }

    /// <summary>Gets the blobs that the disks of these instances were created from. Specify names, UUIDs, or instances.</summary>
    [Parameter(ParameterSetName = InstanceSet, Mandatory = true)]
    [Parameter(ParameterSetName = InstanceDiskSet, Mandatory = true, ValueFromPipeline = true)]
    [Parameter(ParameterSetName = SnapshotSet, Mandatory = true, ValueFromPipeline = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(InstanceNameCompleter))]
    public SfInstanceIdentity[] Instance { get; set; } = [];

    /// <summary>Specifies the devices of the disks, such as vda. Wildcards are allowed.</summary>
    [Parameter(ParameterSetName = InstanceDiskSet, Mandatory = true)]
    [Parameter(ParameterSetName = SnapshotSet)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[]? Disk { get; set; }

    /// <summary>Gets the newest snapshots of the disks instead of the blobs that they were created from.</summary>
    [Parameter(ParameterSetName = SnapshotSet, Mandatory = true)]
    public SwitchParameter Snapshot { get; set; }

    /// <summary>Gets only blobs in one of these states, such as created. Wildcards are allowed.</summary>
    [Parameter(ParameterSetName = ListSet)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(BlobStateCompleter))]
    public string[]? State { get; set; }

    /// <summary>Gets only blobs in one of these image formats, such as qcow2. Wildcards are allowed.</summary>
    [Parameter(ParameterSetName = ListSet)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[]? Format { get; set; }

    /// <summary>Gets the blobs that these agent operations created: files of an instance, and the output of commands. Specify UUIDs.</summary>
    [Parameter(ParameterSetName = AgentOperationSet, Mandatory = true)]
    [Alias("AgentOperationUuid")]
    public Guid[] AgentOperation { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        SfSession session = ResolveSession();
        if (ParameterSetName == ListSet)
        {
            RunFor(target: null, (sink, stop) => ListAsync(session, sink, stop));
            return;
        }

        foreach (SfBlobIdentity blob in Usable(Uuid.Where(blob => blob.Instance is null)))
        {
            RunFor(blob.Uuid, async (sink, stop) =>
                await sink.WriteObjectAsync(blob.WithOrigin(await session.GetBlobAsync(blob.Uuid!.Value, sink, stop).ConfigureAwait(false))).ConfigureAwait(false));
        }

        foreach (Guid operation in AgentOperation)
        {
            RunFor(operation, (sink, stop) => GetAsync(session, operation, sink, stop));
        }

        BlobFinder finder = _finder ??= new BlobFinder(session);
        foreach (SfArtifactIdentity artifact in Artifact)
        {
            RunFor(artifact.ToString(), (sink, stop) => GetAsync(
                async () => BlobFinder.VersionsOf(
                    artifact.Artifact ?? await finder.FindArtifactAsync(artifact.Uuid, artifact.Text, sink, stop).ConfigureAwait(false),
                    ParameterSetName == ArtifactVersionSet ? Version : null,
                    AllVersions),
                session, sink, stop));
        }

        foreach (SfInstanceIdentity instance in Instance.Concat(Uuid.Select(blob => blob.Instance).OfType<SfInstanceIdentity>()))
        {
            RunFor(instance.ToString(), (sink, stop) => GetAsync(
                async () =>
                {
                    SfInstance found = instance.Instance ?? await finder.FindInstanceAsync(instance.Uuid, instance.Text, sink, stop).ConfigureAwait(false);
                    Func<string?, bool>? disks = Disk is null ? null : new Wildcards(Disk).Match;
                    return Snapshot
                        ? await finder.SnapshotsOfAsync(found, disks, AllVersions, sink, stop).ConfigureAwait(false)
                        : BlobFinder.DisksOf(found, disks, sink);
                },
                session, sink, stop));
        }
    }

    /// <summary>Requests each blob that was found. If one fails, the others are still returned.</summary>
    private static async Task GetAsync(Func<Task<IReadOnlyList<SfBlob>>> find, SfSession session, PipelineSink sink, CancellationToken stop)
    {
        foreach (SfBlob origin in await find().ConfigureAwait(false))
        {
            try
            {
                SfBlob blob = await session.GetBlobAsync(origin.Uuid, sink, stop).ConfigureAwait(false);
                await sink.WriteObjectAsync(blob with { Artifact = origin.Artifact, Version = origin.Version, Instance = origin.Instance, Disk = origin.Disk }).ConfigureAwait(false);
            }
            catch (SfException e)
            {
                sink.Error(e, origin.Uuid);
            }
        }
    }

    /// <summary>Requests each blob of an agent operation. If one fails or is incomplete, the others are still returned.</summary>
    private static async Task GetAsync(SfSession session, Guid operation, PipelineSink sink, CancellationToken stop)
    {
        foreach (AgentOutput output in await session.GetAgentOutputAsync(operation, sink, stop).ConfigureAwait(false))
        {
            try
            {
                SfBlob blob = await session.GetBlobAsync(output.BlobUuid, sink, stop).ConfigureAwait(false);
                await sink.WriteObjectAsync(output.Checked(blob, operation)).ConfigureAwait(false);
            }
            catch (SfException e)
            {
                sink.Error(e, output.BlobUuid);
            }
        }
    }

    private async Task ListAsync(SfSession session, PipelineSink sink, CancellationToken stop)
    {
        Wildcards nodes = new(Node);
        Wildcards states = new(State);
        Wildcards formats = new(Format);
        await foreach (SfBlob blob in session.ListBlobsAsync(sink, stop).ConfigureAwait(false))
        {
            // Filtered on this computer, because most servers accept the node argument and ignore it.
            bool isOnNode = Node is null || (blob.Locations?.Any(location => nodes.Match(Locations.NodeName(location))) ?? false);
            if (isOnNode && states.Match(blob.State) && formats.Match(blob.FileFormat))
            {
                await sink.WriteObjectAsync(blob).ConfigureAwait(false);
            }
        }
    }
}
