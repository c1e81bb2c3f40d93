using System.Management.Automation;
using ShakenFist.Blobs.Parameters;
using ShakenFist.Blobs.Pipeline;

namespace ShakenFist.Blobs.Commands;

/// <summary>Gets blobs by UUID or, in the system namespace, all blobs of the cluster.</summary>
[Cmdlet(VerbsCommon.Get, "SfBlob", DefaultParameterSetName = ListSet)]
[OutputType(typeof(SfBlob))]
public sealed class GetSfBlobCommand : SfSessionCmdlet
{
    private const string ListSet = "List";
    private const string UuidSet = "Uuid";

    /// <summary>Specifies the UUIDs of the blobs. Any namespace can get a blob by its UUID.</summary>
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

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        SfSession session = ResolveSession();
        if (ParameterSetName == ListSet)
        {
            RunFor(target: null, (sink, stop) => ListAsync(session, new Wildcards(Node), sink, stop));
            return;
        }

        foreach (Guid uuid in ResolveUuids(Uuid))
        {
            RunFor(uuid, async (sink, stop) =>
                await sink.WriteObjectAsync(await session.GetBlobAsync(uuid, sink, stop).ConfigureAwait(false)).ConfigureAwait(false));
        }
    }

    private async Task ListAsync(SfSession session, Wildcards nodes, PipelineSink sink, CancellationToken stop)
    {
        await foreach (SfBlob blob in session.ListBlobsAsync(sink, stop).ConfigureAwait(false))
        {
            // Filtered on this computer, because most servers accept the node argument and ignore it.
            if (Node is null || (blob.Locations?.Any(location => nodes.Match(Locations.NodeName(location))) ?? false))
            {
                await sink.WriteObjectAsync(blob).ConfigureAwait(false);
            }
        }
    }
}
