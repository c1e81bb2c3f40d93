namespace ShakenFist.Blobs.Model;

/// <summary>Follows references from blob to blob, breadth first, each blob once.</summary>
internal sealed class ReferenceWalk(SfSession session, SfReferenceDirection directions, Func<string?, bool> wanted, int depth)
{
    /// <summary>Goes from one blob; each reference met is handed to <paramref name="found"/>.</summary>
    /// <param name="start">The blob to begin with.</param>
    /// <param name="found">Takes each reference.</param>
    /// <param name="failed">Takes the failure with a blob met on the way; the walk goes on with the others.</param>
    /// <param name="log">Told of each request.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="SfException">The first blob could not be had.</exception>
    public async Task RunAsync(Guid start, Func<SfBlobReference, Task> found, Action<SfException, object?> failed, ISfLog log, CancellationToken cancellationToken)
    {
        HashSet<Guid> seen = [start];
        List<Guid> level = [start];
        for (int step = 0; step < depth && level.Count > 0; step++)
        {
            List<Guid> next = [];
            foreach (Guid uuid in level)
            {
                try
                {
                    foreach (SfBlobReference reference in await ReferencesAsync(uuid, log, cancellationToken).ConfigureAwait(false))
                    {
                        await found(reference).ConfigureAwait(false);
                        if (reference.OtherType == "blob" && Guid.TryParse(reference.OtherUuid, out Guid other) && seen.Add(other))
                        {
                            next.Add(other);
                        }
                    }
                }
                catch (SfException e) when (uuid != start)
                {
                    failed(e, uuid);
                }
            }

            level = next;
        }
    }

    private async Task<IEnumerable<SfBlobReference>> ReferencesAsync(Guid uuid, ISfLog log, CancellationToken cancellationToken)
    {
        SfBlob blob = await session.GetBlobAsync(uuid, log, cancellationToken).ConfigureAwait(false);
        if (blob.ReferencesTo is null && blob.ReferencesFrom is null)
        {
            log.Verbose($"The cluster keeps no references; those of blob {uuid:D} are derived from depends_on, transcodes, instances and locations.");
        }

        return BlobReferences.Of(blob, directions).Where(reference => wanted(reference.Relationship));
    }
}
