namespace ShakenFist.Blobs.Model;

/// <summary>Follows references from blob to blob, breadth first. Each blob is visited once.</summary>
/// <param name="getBlob">Gets a blob by its UUID.</param>
/// <param name="directions">The directions to follow.</param>
/// <param name="wanted">Selects the relationships to follow.</param>
/// <param name="depth">The maximum number of steps.</param>
internal sealed class ReferenceWalk(
    Func<Guid, ISfLog, CancellationToken, Task<SfBlob>> getBlob, SfReferenceDirection directions, Func<string?, bool> wanted, int depth)
{
    /// <summary>Follows the references of blobs and passes each reference to <paramref name="found"/>.</summary>
    /// <param name="starts">The first blobs.</param>
    /// <param name="found">Receives each reference.</param>
    /// <param name="failed">Receives the failure of a blob. The other blobs are processed.</param>
    /// <param name="log">Receives a line for each request.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public async Task RunAsync(IReadOnlyCollection<Guid> starts, Func<SfBlobReference, Task> found, Action<SfException, object?> failed, ISfLog log, CancellationToken cancellationToken)
    {
        HashSet<Guid> seen = [.. starts];
        List<Guid> level = [.. starts.Distinct()];
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
                catch (SfException e)
                {
                    failed(e, uuid);
                }
            }

            level = next;
        }
    }

    private async Task<IEnumerable<SfBlobReference>> ReferencesAsync(Guid uuid, ISfLog log, CancellationToken cancellationToken)
    {
        SfBlob blob = await getBlob(uuid, log, cancellationToken).ConfigureAwait(false);
        if (blob.ReferencesTo is null && blob.ReferencesFrom is null)
        {
            log.Verbose($"The cluster does not report references. Deriving those of blob {uuid:D} from depends_on, transcodes, instances, and locations.");
        }

        return BlobReferences.Of(blob, directions).Where(reference => wanted(reference.Relationship));
    }
}
