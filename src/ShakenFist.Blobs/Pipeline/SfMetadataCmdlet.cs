namespace ShakenFist.Blobs.Pipeline;

/// <summary>
/// A cmdlet on the metadata of blobs. Down one pipeline the calls on one blob follow one another in the order of the input, since the server queues writers of a
/// blob on a slow lock; different blobs go on at the same time.
/// </summary>
public abstract class SfMetadataCmdlet : SfBlobCmdlet
{
    // What is known of each blob's metadata in this pipeline: read once, and kept up with our own writes.
    private readonly Dictionary<Guid, IDictionary<string, object?>> _known = [];

    /// <summary>Does something with the metadata of each blob of this input.</summary>
    private protected void ForEachBlob(Func<MetadataEditor, Task> work)
    {
        SfSession session = ResolveSession();
        foreach (Guid uuid in Named(Uuid))
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
