using Microsoft.Win32.SafeHandles;
using ShakenFist.Blobs.Files;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs;

/// <summary>Lists and removes interrupted transfers.</summary>
public static class BlobTransferApi
{
    /// <summary>Lists the interrupted transfers in a directory, by their temporary files.</summary>
    /// <param name="directory">Full path of the directory.</param>
    /// <param name="recurse">True to include subdirectories. Subdirectories that cannot be read are skipped.</param>
    /// <exception cref="SfException">The directory does not exist or cannot be read.</exception>
    public static IEnumerable<SfBlobTransfer> Find(string directory, bool recurse)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        EnumerationOptions options = new() { RecurseSubdirectories = recurse, IgnoreInaccessible = recurse, AttributesToSkip = FileAttributes.ReparsePoint, MatchCasing = MatchCasing.CaseSensitive };
        string[] found;
        try
        {
            found = Directory.GetFiles(directory, "*" + PartialDownload.Suffix, options);
        }
        catch (Exception e) when (FileErrors.IsFileFailure(e))
        {
            throw FileErrors.Of(e, directory);
        }

        Array.Sort(found, StringComparer.Ordinal);
        return found.Select(path => Get(path[..^PartialDownload.Suffix.Length])).OfType<SfBlobTransfer>();
    }

    /// <summary>Gets the interrupted transfer to a target, or null.</summary>
    /// <param name="target">Full path of the target, or of a temporary file without its suffix.</param>
    /// <exception cref="SfException">The journal cannot be read.</exception>
    public static SfBlobTransfer? Get(string target)
    {
        ArgumentException.ThrowIfNullOrEmpty(target);
        FileInfo part = new(PartialDownload.PathOf(target));
        if (!part.Exists || FileKind.GetSpecialFileKind(part.FullName) is not null)
        {
            return null;
        }

        JournalContent? journal = TransferJournal.Read(target);
        JournalHeader? header = journal?.Header;
        string? problem = journal is null ? "its journal is missing" : journal.HasMismatch ? "the data did not match the published hash" : journal.Problem;
        return new SfBlobTransfer
        {
            BlobUuid = header?.Blob,
            Path = TransferNames.TargetOf(TransferNames.StemOf(target), header?.TargetName),
            PartialPath = part.FullName,
            JournalPath = TransferJournal.PathOf(target),
            State = IsInUse(part.FullName) ? SfBlobTransferState.Active
                : problem is null ? SfBlobTransferState.Resumable
                : journal is { HasMismatch: true } ? SfBlobTransferState.HashMismatch
                : journal is { IsNewer: true } ? SfBlobTransferState.NewerVersion : SfBlobTransferState.Damaged,
            Problem = problem,
            Size = header?.Size ?? 0,
            BytesTransferred = header is null ? 0 : journal!.Blocks.Keys.Sum(block => Math.Min(header.BlockBytes, header.Size - (block * header.BlockBytes))),
            StartedAt = header?.StartedAt.ToLocalTime(),
            LastWriteTime = part.LastWriteTime,
            ModuleVersion = header?.ModuleVersion,
        };
    }

    /// <summary>Deletes the temporary file and the journal. The target is not changed.</summary>
    /// <exception cref="SfException"><see cref="SfErrors.TargetBusy"/> if it is in use.</exception>
    public static void Remove(SfBlobTransfer transfer)
    {
        ArgumentNullException.ThrowIfNull(transfer);
        InterruptedTransfer.Remove(transfer.Path ?? throw new ArgumentException("The transfer has no path.", nameof(transfer)));
    }

    /// <summary>Returns whether a process has locked the file. The check takes a shared lock for a moment, so that several checks can run in parallel.</summary>
    private static bool IsInUse(string path)
    {
        try
        {
            using SafeFileHandle file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            return FileLock.IsTaken(file);
        }
        catch (Exception e) when (FileErrors.IsFileFailure(e))
        {
            return FileErrors.Of(e, path).Error == SfErrors.TargetBusy;
        }
    }
}
