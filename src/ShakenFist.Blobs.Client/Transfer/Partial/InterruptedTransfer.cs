using Microsoft.Win32.SafeHandles;
using ShakenFist.Blobs.Files;

namespace ShakenFist.Blobs.Transfer;

/// <summary>The files of an interrupted transfer: its temporary file, locked, and its journal.</summary>
internal sealed class InterruptedTransfer : IDisposable
{
    private readonly string _target;
    private readonly bool _isLocked;
    private SafeFileHandle? _file;

    private InterruptedTransfer(string target, SafeFileHandle file, FileStatus status, bool isLocked, JournalContent? journal)
    {
        _target = target;
        _file = file;
        Status = status;
        _isLocked = isLocked;
        Journal = journal;
    }

    /// <summary>The status of the temporary file.</summary>
    public FileStatus Status { get; }

    /// <summary>The content of the journal. Null if there is none.</summary>
    public JournalContent? Journal { get; }

    /// <summary>The temporary file.</summary>
    public SafeFileHandle File => _file!;

    /// <summary>
    /// Whether the temporary file can be written to: this module created and recorded it, it has no other name, and it is locked against other processes.
    /// </summary>
    public bool IsWritable => _isLocked && Status.LinkCount == 1 && Journal?.Header?.File == Status.Identity.ToString();

    /// <summary>Opens and locks the temporary file of a target.</summary>
    /// <param name="target">Full path of the target.</param>
    /// <param name="deleteForeign">Whether to delete the name if it belongs to a file of another user.</param>
    /// <returns>Null if there is no temporary file.</returns>
    /// <exception cref="SfException">
    /// <see cref="SfErrors.TargetBusy"/> if another process uses the file. <see cref="SfErrors.TargetNotFile"/> or <see cref="SfErrors.TransferConflict"/> if the name
    /// belongs to something else.
    /// </exception>
    public static InterruptedTransfer? TryOpen(string target, bool deleteForeign)
    {
        string path = PartialDownload.PathOf(target);
        SafeFileHandle? file = null;
        try
        {
            if (FileStatus.At(path) is not { } found)
            {
                return null;
            }

            FileKind.EnsureUsable(path);
            if (!found.IsOwn && deleteForeign)
            {
                System.IO.File.Delete(path);
                return null;
            }

            if (!found.IsOwn)
            {
                throw new SfException(SfErrors.TransferConflict, $"Cannot use '{path}' as a temporary file: it belongs to another user.");
            }

            FileSystemEvents.Raise(FileOperation.Open, path);
            file = OperatingSystem.IsWindows()
                ? WindowsFile.Open(path, FileMode.Open, PartialDownload.Sharing, FileOptions.Asynchronous)
                : System.IO.File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, PartialDownload.Sharing, FileOptions.Asynchronous);
            bool isLocked = FileLock.TryTake(file, path);

            // Between the check and the lock, another transfer completed and renamed the file, or another process replaced it.
            FileStatus status = FileStatus.Of(file);
            if (status.Identity != found.Identity || !FileStatus.IsAt(status.Identity, path))
            {
                throw new SfException(SfErrors.TargetBusy, $"'{path}' is used by another transfer to the same file.");
            }

            if (isLocked && status.LinkCount > 1)
            {
                FilePlacement.DeleteRandomNames(path, status.Identity);
                status = FileStatus.Of(file);
            }

            InterruptedTransfer transfer = new(target, file, status, isLocked, TransferJournal.Read(target));
            file = null;
            return transfer;
        }
        catch (FileNotFoundException e)
        {
            throw new SfException(SfErrors.TargetBusy, $"'{path}' is used by another transfer to the same file.", e);
        }
        catch (Exception e) when (FileErrors.IsFileFailure(e))
        {
            throw FileErrors.Of(e, path);
        }
        finally
        {
            file?.Dispose();
        }
    }

    /// <summary>Returns why a transfer with this header cannot use these files. Null if it can, or if there is no journal.</summary>
    public string? ObstacleTo(JournalHeader wanted)
    {
        if (Journal is null)
        {
            return null;
        }

        if (Journal.Header is not { } old)
        {
            return $"'{TransferJournal.PathOf(_target)}' cannot be used: {Journal.Problem}";
        }

        return !old.IsFor(_target) ? $"it belongs to the transfer to '{TransferNames.TargetOf(TransferNames.StemOf(_target), old.TargetName)}'"
            : old.Blob != wanted.Blob ? $"the temporary file contains data of blob {old.Blob:D}"
            : Journal.HasMismatch ? $"the data of blob {wanted.Blob:D} did not match the published hash the last time"
            : old.Size != wanted.Size ? $"the length of blob {wanted.Blob:D} has changed"
            : HasOtherChecksum(old, wanted) ? $"the published hash of blob {wanted.Blob:D} has changed"
            : old.BlockHash != wanted.BlockHash ? $"the journal uses the hash {ServerText.Clean(old.BlockHash, 20)}, which is not available"
            : null;
    }

    /// <summary>Whether another command could still resume this transfer.</summary>
    public bool IsUsefulToAnother(JournalHeader wanted) =>
        Journal is { IsNewer: true } || (Journal is { Header: { } old, HasMismatch: false, Blocks.Count: > 0 } && (old.Blob != wanted.Blob || !old.IsFor(_target)));

    /// <summary>
    /// Returns the header with the hashes that an existing journal recorded for the same blob. A published hash stays valid, even if the temporary file is missing.
    /// </summary>
    public static JournalHeader WithKnownChecksums(JournalContent? journal, JournalHeader wanted)
    {
        if (journal?.Header is not { } old || old.Blob != wanted.Blob || old.Size != wanted.Size || HasOtherChecksum(old, wanted))
        {
            return wanted;
        }

        return wanted with { Checksums = old.Checksums.Concat(wanted.Checksums.Where(c => !old.Checksums.ContainsKey(c.Key))).ToDictionary() };
    }

    /// <summary>Returns the temporary file to a transfer that resumes it.</summary>
    public SafeFileHandle Release()
    {
        SafeFileHandle file = _file!;
        _file = null;
        return file;
    }

    /// <summary>Deletes the name of the temporary file. Its data is kept if it has other names, and until this object is disposed.</summary>
    public void DeleteName()
    {
        string path = PartialDownload.PathOf(_target);
        FileSystemEvents.Raise(FileOperation.Delete, path);
        if (OperatingSystem.IsWindows())
        {
            WindowsFile.DeleteName(File, path);
        }
        else
        {
            System.IO.File.Delete(path);
        }
    }

    /// <summary>Deletes the files of an interrupted transfer, unless another process uses them.</summary>
    /// <exception cref="SfException"><see cref="SfErrors.TargetBusy"/> if another process uses them.</exception>
    public static void Remove(string target)
    {
        try
        {
            using InterruptedTransfer? found = TryOpen(target, deleteForeign: true);
            found?.DeleteName();
            System.IO.File.Delete(TransferJournal.PathOf(target));
            System.IO.File.Delete(TransferJournal.NewPathOf(target));
        }
        catch (Exception e) when (FileErrors.IsFileFailure(e))
        {
            throw FileErrors.Of(e, PartialDownload.PathOf(target));
        }
    }

    /// <summary>
    /// Deletes the files of an interrupted transfer of this blob, after the blob was saved in another way. Files of other blobs, and files in use, are kept.
    /// </summary>
    public static void RemoveIfOf(string target, Guid blob)
    {
        try
        {
            if (TransferJournal.Read(target) is { Header: { } header } && header.Blob == blob && header.IsFor(target))
            {
                Remove(target);
            }
        }
        catch (SfException)
        {
            // The files do no harm.
        }
    }

    public void Dispose() => _file?.Dispose();

    private static bool HasOtherChecksum(JournalHeader old, JournalHeader wanted) =>
        old.Checksums.Any(c => wanted.Checksums.TryGetValue(c.Key, out string? now) && now != c.Value);
}
