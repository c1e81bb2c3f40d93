using Microsoft.Win32.SafeHandles;
using ShakenFist.Blobs.Files;

namespace ShakenFist.Blobs.Transfer;

/// <summary>What an earlier run left beside a target: its temporary file, locked, and its journal.</summary>
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

    /// <summary>What the journal says. Null if there is none.</summary>
    public JournalContent? Journal { get; }

    /// <summary>The temporary file.</summary>
    public SafeFileHandle File => _file!;

    /// <summary>
    /// Whether the temporary file may be written to: it is the one that this module created and recorded, it has no other name, and no other process can be writing
    /// to it.
    /// </summary>
    public bool IsWritable => _isLocked && Status.LinkCount == 1 && Journal?.Header?.File == Status.Identity.ToString();

    /// <summary>Opens and locks what lies beside a target.</summary>
    /// <param name="target">Full path of the target.</param>
    /// <param name="deleteForeign">Delete the name if it belongs to a file of another user.</param>
    /// <returns>Null if there is no temporary file.</returns>
    /// <exception cref="SfException">
    /// <see cref="SfErrors.TargetBusy"/> if another process has it, <see cref="SfErrors.TargetNotFile"/> or <see cref="SfErrors.TransferConflict"/> if the name belongs
    /// to something else.
    /// </exception>
    public static InterruptedTransfer? TryOpen(string target, bool deleteForeign)
    {
        string path = target + PartialDownload.Suffix;
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

            // It was another transfer's and got its final name between the look and the lock, or somebody exchanged it.
            FileStatus status = FileStatus.Of(file);
            if (status.Identity != found.Identity || !FileStatus.IsAt(status.Identity, path))
            {
                throw new SfException(SfErrors.TargetBusy, $"'{path}' is used by another transfer to the same file.");
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

    /// <summary>Why the transfer that this header describes cannot use what is here. Null if it can, or if there is no journal.</summary>
    public string? ObstacleTo(JournalHeader wanted)
    {
        if (Journal is null)
        {
            return null;
        }

        if (Journal.Header is not { } old)
        {
            return $"the journal '{_target}{TransferJournal.Suffix}' cannot be used: {Journal.Problem}";
        }

        return old.Blob != wanted.Blob ? $"the temporary file contains data of blob {old.Blob:D}"
            : Journal.HasMismatch ? $"the data of blob {wanted.Blob:D} did not match the published hash the last time"
            : old.Size != wanted.Size ? $"the length of blob {wanted.Blob:D} has changed"
            : HasOtherChecksum(old, wanted) ? $"the published hash of blob {wanted.Blob:D} has changed"
            : old.BlockHash != wanted.BlockHash ? $"the journal uses the hash {ServerText.Clean(old.BlockHash, 20)}, which is not available"
            : null;
    }

    /// <summary>Whether another command could still resume it.</summary>
    public bool IsUsefulToAnother(JournalHeader wanted) =>
        Journal is { IsNewer: true } || (Journal is { Header: { } old, HasMismatch: false, Blocks.Count: > 0 } && old.Blob != wanted.Blob);

    /// <summary>The header with every hash that a journal remembers of the same blob: one that was published once is valid for ever, also if the temporary file is gone.</summary>
    public static JournalHeader WithKnownChecksums(JournalContent? journal, JournalHeader wanted)
    {
        if (journal?.Header is not { } old || old.Blob != wanted.Blob || old.Size != wanted.Size || HasOtherChecksum(old, wanted))
        {
            return wanted;
        }

        return wanted with { Checksums = old.Checksums.Concat(wanted.Checksums.Where(c => !old.Checksums.ContainsKey(c.Key))).ToDictionary() };
    }

    /// <summary>Hands the temporary file over to a transfer that continues with it.</summary>
    public SafeFileHandle Release()
    {
        SafeFileHandle file = _file!;
        _file = null;
        return file;
    }

    /// <summary>Deletes the name of the temporary file. Other names of the same file, and its bytes, stay.</summary>
    public void DeleteName()
    {
        string path = _target + PartialDownload.Suffix;
        FileSystemEvents.Raise(FileOperation.Delete, path);
        System.IO.File.Delete(path);
    }

    /// <summary>Deletes what lies beside a target, unless another process is using it.</summary>
    /// <exception cref="SfException"><see cref="SfErrors.TargetBusy"/> if another process is using it.</exception>
    public static void Remove(string target)
    {
        try
        {
            using InterruptedTransfer? found = TryOpen(target, deleteForeign: true);
            found?.DeleteName();
            System.IO.File.Delete(target + TransferJournal.Suffix);
            System.IO.File.Delete(target + TransferJournal.NewSuffix);
        }
        catch (Exception e) when (FileErrors.IsFileFailure(e))
        {
            throw FileErrors.Of(e, target + PartialDownload.Suffix);
        }
    }

    /// <summary>Deletes what an earlier run left of a transfer that has come to its end by other means. Anything else, or anything in use, stays.</summary>
    public static void RemoveIfOf(string target, Guid blob)
    {
        try
        {
            if (TransferJournal.Read(target) is { Header: { } header } && header.Blob == blob)
            {
                Remove(target);
            }
        }
        catch (SfException)
        {
            // It does no harm.
        }
    }

    public void Dispose() => _file?.Dispose();

    private static bool HasOtherChecksum(JournalHeader old, JournalHeader wanted) =>
        old.Checksums.Any(c => wanted.Checksums.TryGetValue(c.Key, out string? now) && now != c.Value);
}
