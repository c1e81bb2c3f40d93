namespace ShakenFist.Blobs.Model;

/// <summary>Follows references from blob to blob, breadth first, each blob once.</summary>
/// <param name="getBlob">Gets a blob by its UUID.</param>
/// <param name="directions">Which of a blob's references to follow.</param>
/// <param name="wanted">Which relationships to follow.</param>
/// <param name="depth">How many steps to go.</param>
internal sealed class ReferenceWalk(
    Func<Guid, ISfLog, CancellationToken, Task<SfBlob>> getBlob, SfReferenceDirection directions, Func<string?, bool> wanted, int depth)
{
    /// <summary>Goes from some blobs; each reference met is handed to <paramref name="found"/>.</summary>
    /// <param name="starts">The blobs to begin with.</param>
    /// <param name="found">Takes each reference.</param>
    /// <param name="failed">Takes the failure with a blob; the walk goes on with the others.</param>
    /// <param name="log">Told of each request.</param>
    /// <param name="cancellationToken">Stops it.</param>
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
