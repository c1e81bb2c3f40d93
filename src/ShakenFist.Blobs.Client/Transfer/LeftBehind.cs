namespace ShakenFist.Blobs.Transfer;

/// <summary>What an interrupted transfer has left beside its target, and whether another one may go on with it or clear it away.</summary>
internal static class LeftBehind
{
    /// <summary>Why the transfer that this header describes cannot go on with what the journal describes; null if it can, or if there is no journal.</summary>
    public static string? ObstacleTo(JournalContent? found, JournalHeader wanted, string target)
    {
        if (found is null)
        {
            return null;
        }

        if (found.Header is not { } old)
        {
            return $"the journal '{target}{TransferJournal.Suffix}' cannot be used, {found.Problem}";
        }

        return old.Blob != wanted.Blob ? $"it is of blob {old.Blob:D}"
            : old.Size != wanted.Size ? $"blob {wanted.Blob:D} had another length then"
            : old.Checksums.Any(c => wanted.Checksums.TryGetValue(c.Key, out string? now) && now != c.Value) ? $"blob {wanted.Blob:D} had another checksum then"
            : old.PartHash != wanted.PartHash ? $"its parts are known by {ServerText.Clean(old.PartHash, 20)}, which is not at hand"
            : null;
    }

    /// <summary>Whether someone else could still go on with it.</summary>
    public static bool IsOfUse(JournalContent? found, JournalHeader wanted) => found is { IsNewer: true } || (found is { Header: { } old, Parts.Count: > 0 } && old.Blob != wanted.Blob);

    /// <summary>Clears away what is left of a transfer that has come to its end by other means. Anything else, or anything in use, stays.</summary>
    public static void Remove(string target, Guid blob)
    {
        try
        {
            if (TransferJournal.Read(target) is { Header: { } header } && header.Blob == blob && InterruptedTransfers.Of(target) is not { State: SfInterruptedState.Active })
            {
                File.Delete(target + PartialFile.Suffix);
                File.Delete(target + TransferJournal.Suffix);
            }
        }
        catch (Exception e) when (e is SfException || FileErrors.IsFileFailure(e))
        {
            // It does no harm there.
        }
    }

    /// <summary>Deletes the journal of a transfer that has nothing to note.</summary>
    public static void TryDelete(TransferJournal journal)
    {
        try
        {
            journal.Delete();
        }
        catch (Exception e) when (FileErrors.IsFileFailure(e))
        {
            // What ended the transfer is the news.
        }
    }
}
