using Microsoft.Win32.SafeHandles;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs;

/// <summary>The transfers that lie interrupted in a directory.</summary>
public static class InterruptedTransfers
{
    /// <summary>Lists those in a directory, by their temporary files.</summary>
    /// <param name="directory">Full path of the directory.</param>
    /// <param name="recurse">Those below it as well; what may not be read there is passed over.</param>
    /// <exception cref="SfException">The directory does not exist or cannot be read.</exception>
    public static IEnumerable<SfInterruptedTransfer> Under(string directory, bool recurse)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        EnumerationOptions options = new() { RecurseSubdirectories = recurse, IgnoreInaccessible = recurse, AttributesToSkip = FileAttributes.ReparsePoint, MatchCasing = MatchCasing.CaseSensitive };
        string[] found;
        try
        {
            found = Directory.GetFiles(directory, "*" + PartialFile.Suffix, options);
        }
        catch (Exception e) when (FileErrors.IsFileFailure(e))
        {
            throw FileErrors.Of(e, directory);
        }

        Array.Sort(found, StringComparer.Ordinal);
        return found.Select(path => Of(path[..^PartialFile.Suffix.Length])).OfType<SfInterruptedTransfer>();
    }

    /// <summary>The one whose target is this path, or null.</summary>
    /// <param name="target">Full path of the file that it was to become.</param>
    /// <exception cref="SfException">Its journal cannot be read.</exception>
    public static SfInterruptedTransfer? Of(string target)
    {
        ArgumentException.ThrowIfNullOrEmpty(target);
        FileInfo part = new(target + PartialFile.Suffix);
        if (!part.Exists || FileKind.OddityOf(part.FullName) is not null)
        {
            return null;
        }

        JournalContent? journal = TransferJournal.Read(target);
        JournalHeader? header = journal?.Header;
        string? problem = journal is null ? "it has no journal" : journal.Problem;
        return new SfInterruptedTransfer
        {
            BlobUuid = header?.Blob,
            Path = target,
            PartialPath = part.FullName,
            JournalPath = target + TransferJournal.Suffix,
            State = IsInUse(part.FullName) ? SfInterruptedState.Active
                : problem is null ? SfInterruptedState.Resumable
                : journal?.IsNewer == true ? SfInterruptedState.Newer : SfInterruptedState.Damaged,
            Problem = problem,
            Size = header?.Size ?? 0,
            BytesDone = header is null ? 0 : journal!.Parts.Keys.Sum(index => Math.Min(header.PartBytes, header.Size - (index * header.PartBytes))),
            StartedAt = header?.StartedAt,
            LastWriteTime = part.LastWriteTimeUtc,
            ModuleVersion = header?.ModuleVersion,
        };
    }

    /// <summary>Removes the temporary file and the journal. The target stays as it is.</summary>
    /// <exception cref="SfException"><see cref="SfErrors.TargetBusy"/> if it is being worked on.</exception>
    public static void Remove(SfInterruptedTransfer transfer)
    {
        ArgumentNullException.ThrowIfNull(transfer);
        string target = transfer.Path ?? throw new ArgumentException("It names no file.", nameof(transfer));
        try
        {
            using SafeFileHandle? locked = PartialFile.TryLock(target);
            File.Delete(target + PartialFile.Suffix);
            File.Delete(target + TransferJournal.Suffix);
        }
        catch (Exception e) when (FileErrors.IsFileFailure(e))
        {
            throw FileErrors.Of(e, target + PartialFile.Suffix);
        }
    }

    /// <summary>Whether somebody has locked it. To look takes a lock as well, one that does not shut out other lookers, for a moment.</summary>
    private static bool IsInUse(string path)
    {
        try
        {
            using SafeFileHandle file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            return false;
        }
        catch (Exception e) when (FileErrors.IsFileFailure(e))
        {
            return FileErrors.Of(e, path).Error == SfErrors.TargetBusy;
        }
    }
}
