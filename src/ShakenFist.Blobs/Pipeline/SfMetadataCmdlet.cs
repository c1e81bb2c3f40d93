namespace ShakenFist.Blobs.Pipeline;

/// <summary>
/// The base class of the cmdlets that change metadata. In a pipeline, the calls for one blob are made one after the other in input order, because the server locks a blob
/// while its metadata is written. Different blobs are processed in parallel.
/// </summary>
public abstract class SfMetadataCmdlet : SfBlobCmdlet
{
    // The metadata of each blob of this pipeline: read one time, and updated with the changes made here.
    private readonly Dictionary<Guid, IDictionary<string, object?>> _known = [];

    /// <summary>Processes the metadata of each blob of this input.</summary>
    private protected void ForEachBlob(Func<MetadataEditor, Task> work)
    {
        SfSession session = ResolveSession();
        foreach (Guid uuid in ResolveUuids(Uuid))
        {
            BeginFor(uuid, uuid, async (sink, stop) =>
                await work(new MetadataEditor(session, uuid, await KnownAsync(session, uuid, sink, stop).ConfigureAwait(false), sink, stop)).ConfigureAwait(false));
        }
    }

    private async Task<IDictionary<string, object?>> KnownAsync(SfSession session, Guid uuid, PipelineSink sink, CancellationToken stop)
    {
        lock (_known)
        {
            if (_known.TryGetValue(uuid, out IDictionary<string, object?>? known))
            {
                return known;
            }
        }

        IDictionary<string, object?> read = await session.GetBlobMetadataAsync(uuid, sink, stop).ConfigureAwait(false);
        lock (_known)
        {
            return _known[uuid] = read;
        }
    }
}
