using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using ShakenFist.Blobs.Files;

namespace ShakenFist.Blobs.Transfer;

/// <summary>
/// The one owner of a download in progress: the temporary file and its identity, the journal, the blocks, the hash, and the verdict. Nothing else writes to the file,
/// completes a block, or gives the file its final name. In order: open, write and complete blocks, verify, and then commit or abandon.
/// </summary>
internal sealed class PartialDownload : IDisposable
{
    /// <summary>What is appended to the name of the target.</summary>
    public const string Suffix = ".sfpart";

    // Windows renames and deletes an open file only if it was opened so. Elsewhere only None locks.
    public static readonly FileShare Sharing = OperatingSystem.IsWindows() ? FileShare.Delete : FileShare.None;

    // How much may be lost when the power goes, and how much is left for the flush at the end. The time of a flush comes on top: a slow disk is not pressed.
    private static readonly TimeSpan FlushInterval = TimeSpan.FromSeconds(0.5);

    // More than the resolution of the times of any file system (FAT: 2 s).
    private static readonly TimeSpan WriteTimeDistance = TimeSpan.FromSeconds(3);

    // How long another transfer to the same file may take to end.
    private const int OpenAttempts = 10;
    private static readonly TimeSpan OpenPause = TimeSpan.FromMilliseconds(100);

    // What .NET reports, without a code of the system, when a new file cannot have its space at once.
    private const int NotAllocated = unchecked((int)0x80131620);

    private static readonly string ModuleVersion =
        typeof(PartialDownload).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? string.Empty;

    private readonly object _lock = new();
    private readonly string _target;
    private readonly DownloadPlan _plan;
    private readonly SafeFileHandle _file;
    private readonly FileIdentity _identity;
    private readonly TransferJournal _journal;
    private readonly BlockTable _blocks;
    private readonly PublishedHash? _hash;
    private readonly bool _isSparse;
    private readonly List<WorkRange> _ranges = [];

    // A file of an earlier run whose blocks are copied into this one.
    private InterruptedTransfer? _source;
    private IncrementalFileHasher? _hasher;
    private bool _unwrittenIsZero;
    private bool _isVerified;
    private bool _hasMismatch;
    private volatile bool _isEnded;
    private volatile bool _keep;
    private volatile Exception? _failure;

    private PartialDownload(string target, DownloadPlan plan, SafeFileHandle file, TransferJournal journal, BlockTable blocks, PublishedHash? hash, InterruptedTransfer? source, bool isNew, bool isSparse)
    {
        _target = target;
        _plan = plan;
        _file = file;
        _identity = FileStatus.Of(file).Identity;
        _journal = journal;
        _blocks = blocks;
        _hash = hash;
        _source = source;
        _unwrittenIsZero = isNew;
        _isSparse = isSparse;
    }

    /// <summary>Full path of the temporary file.</summary>
    public string Path => _target + Suffix;

    /// <summary>Length of the blob in bytes.</summary>
    public long Size => _blocks.Size;

    /// <summary>Length of a block in bytes.</summary>
    public long BlockBytes => _blocks.BlockBytes;

    /// <summary>Number of blocks.</summary>
    public int BlockCount => _blocks.Count;

    /// <summary>The hash to verify by: published by the cluster now, or when an earlier run began. Null if there is none, or none is wanted.</summary>
    public PublishedHash? Hash => _hash;

    /// <summary>Whether the hash of the whole blob will tell in the end what is wrong.</summary>
    public bool HasFinalHash => _hash is not null;

    /// <summary>Bytes of the complete blocks.</summary>
    public long BytesComplete => Locked(() => _blocks.BytesComplete);

    /// <summary>Bytes of the blocks that no worker has taken yet.</summary>
    public long BytesOpen => Locked(() => _blocks.BytesOpen);

    /// <summary>Whether the file has its final name.</summary>
    public bool IsCommitted { get; private set; }

    /// <summary>Opens what an interrupted transfer of the same blob to the same target left, or starts from the beginning.</summary>
    /// <exception cref="SfException">
    /// <see cref="SfErrors.TargetBusy"/> if another process works on the same target, <see cref="SfErrors.TransferConflict"/> if another command could still use what is
    /// there, <see cref="SfErrors.DiskFull"/> if there is not enough space.
    /// </exception>
    public static async Task<PartialDownload> OpenAsync(string target, DownloadPlan plan, ISfLog log, CancellationToken cancellationToken)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return Open(target, plan, log);
            }
            catch (SfException e) when (e.Error == SfErrors.TargetBusy && attempt < OpenAttempts)
            {
                // It may be about to end, or someone is only looking.
                await Task.Delay(OpenPause, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>First byte of a block.</summary>
    public long StartOf(int block) => _blocks.StartOf(block);

    /// <summary>First byte after a block.</summary>
    public long EndOf(int block) => _blocks.EndOf(block);

    /// <summary>The block that contains a byte.</summary>
    public int BlockAt(long offset) => _blocks.BlockAt(offset);

    /// <summary>The hash of a complete block, as it was when it was written.</summary>
    public UInt128 HashOf(int block) => Locked(() => _blocks.HashOf(block));

    /// <summary>
    /// Compares the file with the hashes of its blocks: after a loss of power, or if somebody has changed the file, they may differ. Blocks that differ are fetched again.
    /// </summary>
    /// <returns>Bytes that need not be fetched.</returns>
    public async Task<long> CheckAsync(Action<long> advance, ISfLog log, CancellationToken cancellationToken)
    {
        int noted = CompleteCount();
        if (_source is { } source)
        {
            noted = source.Journal!.Blocks.Count;
            await Task.Run(() => CopyBlocks(source, advance, cancellationToken), cancellationToken).ConfigureAwait(false);
            _source = null;
            source.Dispose();
        }
        else if (noted > 0)
        {
            foreach (int block in await FindDamagedBlocksAsync(advance, cancellationToken).ConfigureAwait(false))
            {
                InvalidateBlock(block, taken: false);
            }
        }

        long complete = BytesComplete;
        if (noted > 0)
        {
            int lost = noted - CompleteCount();
            log.Verbose(string.Create(CultureInfo.InvariantCulture,
                $"Resuming '{Path}': {ErrorText.Bytes(complete)} of {ErrorText.Bytes(Size)} are on disk.{(lost > 0 ? $" {lost} blocks cannot be used and are fetched again." : string.Empty)}"));
        }

        return complete;
    }

    /// <summary>Starts a round of workers: blocks that others took and did not complete are open again. The file is hashed from now on while it grows.</summary>
    public void BeginRound()
    {
        lock (_lock)
        {
            _ranges.Clear();
            if (_blocks.ReopenTaken())
            {
                // Others have left bytes where zeros may be due.
                _unwrittenIsZero = false;
            }

            _hasher ??= _hash is null ? null : new IncrementalFileHasher(_file, Path, _plan.CreateHasher(_hash));
        }

        RangeMoved();
    }

    /// <summary>Takes the next blocks for a worker. Null if none is open.</summary>
    /// <param name="maxBytes">At most so many bytes, but at least one block.</param>
    /// <param name="hasher">The worker's own.</param>
    /// <param name="finished">The worker's last range.</param>
    public WorkRange? TakeRange(long maxBytes, BlockHasher hasher, WorkRange? finished)
    {
        lock (_lock)
        {
            _ranges.Remove(finished!);
            if (_blocks.Take(maxBytes) is not (long from, long to))
            {
                return null;
            }

            WorkRange range = new(this, from, to, hasher);
            _ranges.Add(range);
            return range;
        }
    }

    /// <summary>Writes bytes of the blob. Whoever hashes the file learns of it, and a verdict is void.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="offset">Their offset in the blob.</param>
    /// <param name="unwritten">Nothing has been written there since the file was created.</param>
    public void Write(ReadOnlySpan<byte> bytes, long offset, bool unwritten)
    {
        try
        {
            EnsureLength();
            FileSystemEvents.Raise(FileOperation.Write, Path);
            if (_isSparse)
            {
                SparseFile.Write(_file, bytes, offset, unwritten && _unwrittenIsZero);
            }
            else
            {
                RandomAccess.Write(_file, bytes, offset);
            }
        }
        catch (Exception e) when (FileErrors.IsFileFailure(e))
        {
            throw FileErrors.Of(e, Path);
        }

        lock (_lock)
        {
            _isVerified = false;
            _hasher?.Written(offset);
        }
    }

    /// <summary>Reads bytes back.</summary>
    /// <returns>How many there are. Fewer than requested only at the end of the file.</returns>
    public int Read(Span<byte> bytes, long offset)
    {
        try
        {
            FileSystemEvents.Raise(FileOperation.Read, Path);
            return RandomAccess.Read(_file, bytes, offset);
        }
        catch (Exception e) when (FileErrors.IsFileFailure(e))
        {
            throw FileErrors.Of(e, Path);
        }
    }

    /// <summary>The hash of the bytes that the file holds in the place of a block. Null if the file ends before the block does.</summary>
    public UInt128? HashBlock(int block, BlockHasher hasher, CancellationToken cancellationToken)
    {
        try
        {
            FileSystemEvents.Raise(FileOperation.Read, Path);
            return hasher.Hash(_file, StartOf(block), EndOf(block), cancellationToken);
        }
        catch (Exception e) when (FileErrors.IsFileFailure(e))
        {
            throw FileErrors.Of(e, Path);
        }
    }

    /// <summary>A block is in the file.</summary>
    /// <param name="block">The block.</param>
    /// <param name="hash">Its hash.</param>
    /// <param name="provisional">The response that brought it has not ended as it must.</param>
    /// <exception cref="SfException">The journal cannot be written, or the disk did not take what came before.</exception>
    public void CompleteBlock(int block, UInt128 hash, bool provisional)
    {
        // A block that was read back may contain zeros if the file was truncated and another worker's write made it longer again.
        EnsureLength();
        lock (_lock)
        {
            ThrowIfFailed();
            _journal.Add(block, hash, provisional);
            _blocks.Complete(block, hash, provisional);
        }
    }

    /// <summary>The responses that brought these blocks have ended as they must.</summary>
    public void ConfirmBlocks(int first, int last)
    {
        lock (_lock)
        {
            _journal.Confirm(first, last);
            for (int block = first; block <= last; block++)
            {
                _blocks.Confirm(block);
            }
        }
    }

    /// <summary>A block is to be fetched again: by the worker that took it, or by any.</summary>
    public void InvalidateBlock(int block, bool taken)
    {
        lock (_lock)
        {
            _isVerified = false;
            _blocks.Invalidate(block, taken);
            _journal.Invalidate(block);

            // It has left bytes where zeros may be due.
            _unwrittenIsZero = false;
        }
    }

    /// <summary>Everything from the block at this offset on is to be fetched again.</summary>
    public void InvalidateFrom(long offset)
    {
        for (int block = BlockAt(offset); block < BlockCount; block++)
        {
            if (Locked(() => _blocks.IsComplete(block)))
            {
                InvalidateBlock(block, taken: false);
            }
        }
    }

    /// <summary>First byte of the first block that is not complete.</summary>
    public long FirstGap() => Locked(_blocks.FirstGap);

    /// <summary>A work range has grown or shrunk: tells the hasher how far the file has no gap. Under the lock, so that an older value cannot overtake a newer one.</summary>
    public void RangeMoved()
    {
        lock (_lock)
        {
            if (_hasher is not null)
            {
                long gap = _blocks.FirstGap();
                _hasher.MoveWatermark(Math.Max(gap, _ranges.Find(r => r.From <= gap && gap < r.To)?.Watermark ?? 0));
            }
        }
    }

    /// <summary>Compares every complete block with its hash.</summary>
    /// <returns>The blocks whose bytes in the file are not those that were written.</returns>
    public Task<IReadOnlyList<int>> FindDamagedBlocksAsync(Action<long> advance, CancellationToken cancellationToken) =>
        BlockCheck.RunAsync(this, block => Locked(() => _blocks.IsComplete(block)), _plan.CreateXxh128, advance, cancellationToken);

    /// <summary>Writes both files to the disk again and again, and checks that both are still in their places.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="over">Ends it, but not during a flush: if that fails, nothing that is flushed later is any proof.</param>
    /// <param name="stop">Ends it at once: a disk may take long, and whoever wants to stop need not wait for it.</param>
    /// <exception cref="SfException">A flush failed, or another process has exchanged a file. The transfer cannot continue.</exception>
    public async Task FlushPeriodicallyAsync(TimeProvider time, CancellationToken over, CancellationToken stop)
    {
        while (true)
        {
            await Task.Delay(FlushInterval, time, over).ConfigureAwait(false);
            try
            {
                EnsureInPlace();
                int flush = Locked(_blocks.BeginFlush);
                await Task.Run(Flush, stop).WaitAsync(stop).ConfigureAwait(false);
                lock (_lock)
                {
                    _blocks.Flushed(flush);
                }

                await Task.Run(_journal.Flush, stop).WaitAsync(stop).ConfigureAwait(false);
            }
            catch (Exception e) when (e is SfException || FileErrors.IsFileFailure(e))
            {
                _failure ??= e;
                ThrowIfFailed();
            }
        }
    }

    /// <summary>Compares the hash of the whole file with the published one. Without a published hash there is nothing to compare.</summary>
    /// <returns>The hash of the file, and whether it is the published one. Null if none is published.</returns>
    public async Task<(byte[] Found, bool Matches)?> VerifyAsync(CancellationToken cancellationToken)
    {
        if (_hash is null)
        {
            return null;
        }

        IncrementalFileHasher hasher;
        lock (_lock)
        {
            hasher = _hasher ??= new IncrementalFileHasher(_file, Path, _plan.CreateHasher(_hash));
        }

        byte[] found = await hasher.CompleteAsync(Size, cancellationToken).ConfigureAwait(false);
        await hasher.DisposeAsync().ConfigureAwait(false);
        lock (_lock)
        {
            _hasher = null;
            _isVerified = _hash.Matches(found);
            if (!_isVerified)
            {
                // A run without the hash could not tell which of the blocks is wrong.
                _blocks.MakeAllProvisional();
                _journal.MakeAllProvisional();
                _journal.Flush();
            }

            return (found, _isVerified);
        }
    }

    /// <summary>The file is wrong, and fetching it again did not help. No run will complete it.</summary>
    public void RecordMismatch()
    {
        lock (_lock)
        {
            _hasMismatch = true;
            _journal.AddMismatch();
            _journal.Flush();
        }
    }

    /// <summary>
    /// Gives the file its final name. Nothing else in this program does. The name goes to a file that is complete, that the disk has taken, whose hash is the published
    /// one (or, if none is published, whose every response ended as it must), and that is the file created for this download: the same inode or file ID, with no
    /// other name, and with the access of the file it replaces.
    /// </summary>
    /// <exception cref="SfException">
    /// The file is not fit for its name, or the disk failed. <see cref="SfErrors.TargetExists"/> if a file has appeared there and may not be replaced,
    /// <see cref="SfErrors.TargetChanged"/> if another process has interfered.
    /// </exception>
    public async Task CommitAsync(bool replace, CancellationToken cancellationToken)
    {
        try
        {
            lock (_lock)
            {
                ThrowIfFailed();
                if (_blocks.BytesComplete != Size)
                {
                    throw Bug($"{Size - _blocks.BytesComplete} bytes of blob {_plan.Blob.Uuid:D} are missing although the transfer completed.");
                }

                if (_hasMismatch || !(_hash is null ? !_blocks.HasProvisional : _isVerified))
                {
                    throw Bug($"The data of blob {_plan.Blob.Uuid:D} was not verified.");
                }
            }

            DateTime lastWrite = await CheckContentAsync(cancellationToken).ConfigureAwait(false);

            // A disk may take long over gigabytes and cannot be interrupted, but whoever wants to stop need not wait for it.
            await Task.Run(Flush, cancellationToken).WaitAsync(cancellationToken).ConfigureAwait(false);
            ThrowIfFailed();
            EnsureInPlace();
            FileAccessRights.Apply(_file, _target, replace);
            if (File.GetLastWriteTimeUtc(_file) != lastWrite)
            {
                throw ContentChanged();
            }

            // Renamed before it is closed: closing ends the lock.
            FilePlacement.Move(_file, Path, _target, replace);
            IsCommitted = _isEnded = true;
            TryDelete(_journal.Delete);
            FilePlacement.Flush(_file, _target);
            _file.Dispose();
        }
        catch (Exception e) when (IsCommitted && FileErrors.IsFileFailure(e))
        {
            throw new SfException(SfErrors.FileFailed, $"'{_target}' was saved, but its directory could not be written to the disk: {ErrorText.Reason(e)} After a power failure, the file can be missing.", e);
        }
        catch (IOException e) when (!replace && File.Exists(_target))
        {
            throw new SfException(SfErrors.TargetExists, $"'{_target}' was created by another process during the transfer.", e);
        }
        catch (Exception e) when (FileErrors.IsFileFailure(e))
        {
            throw FileStatus.At(Path) is null
                ? new SfException(SfErrors.TargetChanged, $"Another process deleted or renamed the temporary file '{Path}'.", e)
                : FileErrors.Of(e, _target);
        }

        static SfException Bug(FormattableString problem) =>
            new(SfErrors.TransferInterrupted, FormattableString.Invariant(problem) + " This is a bug. Please report it.");
    }

    /// <summary>
    /// Compares the file with what was received, block by block. Another process may have written to a part of it that was already verified, or may still do so: then the
    /// time of the last write is no longer the returned one, which is in the past.
    /// </summary>
    private async Task<DateTime> CheckContentAsync(CancellationToken cancellationToken)
    {
        File.SetLastWriteTimeUtc(_file, DateTime.UtcNow - WriteTimeDistance);
        DateTime lastWrite = File.GetLastWriteTimeUtc(_file);
        IReadOnlyList<int> changed = await FindDamagedBlocksAsync(static _ => { }, cancellationToken).ConfigureAwait(false);
        foreach (int block in changed)
        {
            InvalidateBlock(block, taken: false);
        }

        return changed.Count == 0 ? lastWrite : throw ContentChanged();
    }

    private SfException ContentChanged() => new(SfErrors.TargetChanged, $"Another process wrote to the temporary file '{Path}'.");

    /// <summary>Ends the download without the final name. Data that has been received is kept, if there is any.</summary>
    /// <param name="received">Bytes that were received so far, complete blocks or not.</param>
    /// <returns>What became of the data, for the message of the failure.</returns>
    public string Abandon(long received)
    {
        _isEnded = true;
        _keep = (_failure is null || TryInvalidateUnflushed()) && BytesComplete > 0 && IsThere();
        if (!_keep && !_hasMismatch)
        {
            TryDelete(_journal.Delete);
        }

        return $" {ErrorText.Received(Math.Max(received, BytesComplete), Size)} "
            + (_hasMismatch ? $"The data is kept in '{Path}'."
                : _keep ? $"{ErrorText.Bytes(BytesComplete)} are kept in '{Path}'. Run the same command again to resume the transfer."
                : "No data was kept.");
    }

    /// <summary>Ends the hashing and closes the files. A download that was neither committed nor abandoned stays as it is on the disk.</summary>
    public async ValueTask EndAsync()
    {
        if (_hasher is { } hasher)
        {
            _hasher = null;
            await hasher.DisposeAsync().ConfigureAwait(false);
        }

        Dispose();
    }

    public void Dispose()
    {
        try
        {
            if (_isEnded && !IsCommitted && !_keep)
            {
                DeleteFile();
            }
        }
        catch (Exception e) when (FileErrors.IsFileFailure(e))
        {
            // The failure that ended the transfer matters more. A temporary file that stays is replaced by the next one.
        }
        finally
        {
            _source?.Dispose();
            _journal.Dispose();
            _file.Dispose();
        }
    }

    private static PartialDownload Open(string target, DownloadPlan plan, ISfLog log)
    {
        InterruptedTransfer? found = InterruptedTransfer.TryOpen(target, deleteForeign: plan.Force);
        SafeFileHandle? file = null;
        bool isNew = false;
        try
        {
            if (found is not null && FileStatus.At(target)?.Identity == found.Status.Identity)
            {
                // The process ended just after the file got its name.
                found.DeleteName();
                found.Dispose();
                found = null;
            }

            JournalHeader header = new()
            {
                ModuleVersion = ModuleVersion,
                Blob = plan.Blob.Uuid,
                Size = plan.Size,
                Checksums = PublishedHash.AllOf(plan.Blob).ToDictionary(h => h.Algorithm.ServerName(), h => h.Hex),
                BlockBytes = plan.BlockBytes,
                BlockHash = BlockHasher.NameOf(plan.CreateXxh128),
                StartedAt = plan.Now,
            };
            string? obstacle = found?.ObstacleTo(header);
            if (obstacle is not null)
            {
                if (!plan.Force && found!.IsUsefulToAnother(header))
                {
                    throw new SfException(SfErrors.TransferConflict, $"Cannot use '{target}{Suffix}': {obstacle}.");
                }

                log.Warning($"Restarting the transfer to '{target}' from the beginning: {obstacle}.");
            }

            header = InterruptedTransfer.WithKnownChecksums(found is null ? TransferJournal.Read(target) : found.Journal, header);
            PublishedHash? hash = plan.ChooseHash(PublishedHash.AllOf(header.Checksums));
            JournalContent? usable = obstacle is null ? found?.Journal : null;
            BlockTable blocks = new(plan.Size, usable?.Header!.BlockBytes ?? plan.BlockBytes);
            bool isSparse;
            isNew = usable is null || !found!.IsWritable;
            if (isNew)
            {
                if (!plan.Sparse)
                {
                    DiskSpace.Check(target, plan.Size);
                }

                found?.DeleteName();
                file = CreateFile(target, plan, out isSparse);
            }
            else
            {
                file = found!.Release();
                RandomAccess.SetLength(file, plan.Size);
                isSparse = SparseFile.TryEnable(file, plan.Sparse);
                foreach ((int block, JournalBlock entry) in usable!.Blocks.Where(b => IsUsable(b.Value, hash)))
                {
                    blocks.Complete(block, entry.Hash, entry.IsProvisional);
                }
            }

            header = header with
            {
                BlockBytes = blocks.BlockBytes,
                StartedAt = usable?.Header!.StartedAt ?? header.StartedAt,
                File = FileStatus.Of(file).Identity.ToString(),
            };
            TransferJournal journal = TransferJournal.Create(target, header, blocks);
            bool copies = isNew && usable is { Blocks.Count: > 0 };
            PartialDownload download = new(target, plan, file, journal, blocks, hash, copies ? found : null, isNew, isSparse);
            file = null;
            found = copies ? null : found;
            return download;
        }
        catch (Exception e) when (FileErrors.IsFileFailure(e))
        {
            throw FileErrors.Of(e, target + Suffix);
        }
        finally
        {
            if (file is not null && isNew)
            {
                TryDelete(() => File.Delete(target + Suffix));
            }

            file?.Dispose();
            found?.Dispose();
        }
    }

    /// <summary>Creates a temporary file. It has the length of the blob from the beginning, so that a truncation shows, and reserves the space unless it is to be sparse.</summary>
    private static SafeFileHandle CreateFile(string target, DownloadPlan plan, out bool isSparse)
    {
        string path = target + Suffix;
        SafeFileHandle? file = null;
        try
        {
            FileSystemEvents.Raise(FileOperation.Open, path);

            // Memory is not a disk: there the space would only be filled with zeros first.
            file = PrivateFile.Create(path, Sharing, plan.Sparse || DiskSpace.IsMemory(path) ? 0 : plan.Size, like: target);
            FileLock.TryTake(file, path);
            isSparse = SparseFile.TryEnable(file, plan.Sparse);
            FileSystemEvents.Raise(FileOperation.Write, path);
            RandomAccess.SetLength(file, plan.Size);
            return file;
        }
        catch (IOException e) when (file is null && e.HResult == NotAllocated)
        {
            throw new SfException(SfErrors.DiskFull, $"'{path}': {ServerText.Clean(e.Message, int.MaxValue)}", e);
        }
        catch (IOException e) when (file is null && FileErrors.IsAlreadyThere(e))
        {
            throw new SfException(SfErrors.TargetBusy, $"'{path}' is used by another transfer to the same file.", e);
        }
        catch (Exception e) when (FileErrors.IsFileFailure(e))
        {
            if (file is not null)
            {
                TryDelete(() => File.Delete(path));
                file.Dispose();
            }

            throw FileErrors.Of(e, path);
        }
    }

    /// <summary>A provisional block is of use only to a run that verifies the whole blob.</summary>
    private static bool IsUsable(JournalBlock block, PublishedHash? hash) => hash is not null || !block.IsProvisional;

    private static void TryDelete(Action delete)
    {
        try
        {
            delete();
        }
        catch (Exception e) when (FileErrors.IsFileFailure(e))
        {
            // What happened to the transfer matters more.
        }
    }

    /// <summary>Copies the blocks of a file that must not be written to, each compared with its hash.</summary>
    private void CopyBlocks(InterruptedTransfer source, Action<long> advance, CancellationToken cancellationToken)
    {
        using BlockHasher hasher = new(_plan.CreateXxh128);
        byte[] bytes = new byte[BlockBytes];
        foreach ((int block, JournalBlock entry) in source.Journal!.Blocks.Where(b => IsUsable(b.Value, _hash)).OrderBy(b => b.Key))
        {
            cancellationToken.ThrowIfCancellationRequested();
            Span<byte> content = bytes.AsSpan(0, (int)(EndOf(block) - StartOf(block)));
            int filled = 0;
            for (int read; filled < content.Length && (read = RandomAccess.Read(source.File, content[filled..], StartOf(block) + filled)) > 0;)
            {
                filled += read;
            }

            if (filled == content.Length && hasher.Hash(content) == entry.Hash)
            {
                Write(content, StartOf(block), unwritten: true);
                CompleteBlock(block, entry.Hash, entry.IsProvisional);
            }

            advance(content.Length);
        }
    }

    private int CompleteCount() => Locked(() => Enumerable.Range(0, _blocks.Count).Count(_blocks.IsComplete));

    private T Locked<T>(Func<T> read)
    {
        lock (_lock)
        {
            return read();
        }
    }

    private void EnsureLength()
    {
        if (RandomAccess.GetLength(_file) != Size)
        {
            throw new SfException(SfErrors.TargetChanged, $"Another process changed the length of '{Path}'.");
        }
    }

    private void EnsureInPlace()
    {
        EnsureLength();
        if (FileStatus.At(Path) is not { } there || there.Identity != _identity || there.LinkCount != 1 || !there.IsOwn)
        {
            throw new SfException(SfErrors.TargetChanged, $"Another process deleted, replaced, or linked the temporary file '{Path}'.");
        }

        if (IsTakenOver())
        {
            throw new SfException(SfErrors.TargetBusy, $"Another process has started to save to '{_target}'.");
        }
    }

    private bool IsThere()
    {
        try
        {
            return FileStatus.IsAt(_identity, Path);
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>Whether another process has begun to work on the same target, as one without locks can.</summary>
    private bool IsTakenOver() => FileStatus.At(_journal.Path) is not null && !_journal.IsInPlace();

    private void DeleteFile()
    {
        if (FileStatus.IsAt(_identity, Path) && !IsTakenOver())
        {
            File.Delete(Path);
        }
    }

    private void Flush()
    {
        try
        {
            FileSystemEvents.Raise(FileOperation.Flush, Path);
            RandomAccess.FlushToDisk(_file);
        }
        catch (Exception e) when (FileErrors.IsFileFailure(e))
        {
            // A system reports it once and then reads well what is lost, so it is remembered.
            _failure ??= e;
            if (_isEnded && !IsCommitted)
            {
                // Nobody waited for it, and the journal knows nothing of it.
                DeleteFile();
            }

            throw;
        }
    }

    private void ThrowIfFailed()
    {
        if (_failure is { } failure)
        {
            throw failure as SfException ?? FileErrors.Of(failure, Path);
        }
    }

    /// <summary>What was written since the last flush that succeeded may be lost, however well it reads back now.</summary>
    private bool TryInvalidateUnflushed()
    {
        try
        {
            foreach (int block in Locked(_blocks.Unflushed))
            {
                InvalidateBlock(block, taken: false);
            }

            return true;
        }
        catch (SfException)
        {
            // The journal still lists it, so neither file can stay.
            return false;
        }
    }
}

/// <summary>What a download is to become.</summary>
internal sealed record DownloadPlan
{
    /// <summary>The blob.</summary>
    public required SfBlob Blob { get; init; }

    /// <summary>Its length in bytes.</summary>
    public required long Size { get; init; }

    /// <summary>Length of a block in bytes if the transfer starts from the beginning.</summary>
    public required long BlockBytes { get; init; }

    /// <summary>Whether ranges of zeros become holes.</summary>
    public bool Sparse { get; init; }

    /// <summary>Whether what an interrupted transfer of another blob left may be discarded.</summary>
    public bool Force { get; init; }

    /// <summary>The time, UTC.</summary>
    public DateTime Now { get; init; }

    /// <summary>Creates a hasher for XXH128. Null if that is not available.</summary>
    public Func<HashAlgorithm>? CreateXxh128 { get; init; }

    /// <summary>Chooses the hash to verify by from all that were published. Null for none.</summary>
    public required Func<IReadOnlyList<PublishedHash>, PublishedHash?> ChooseHash { get; init; }

    /// <summary>Creates the hasher for a published hash.</summary>
    public HashAlgorithm CreateHasher(PublishedHash hash) => hash.Algorithm != SfHashAlgorithm.XXH128 ? hash.Algorithm.Create()
        : CreateXxh128?.Invoke() ?? throw new NotSupportedException("XXH128 requires a hasher that the caller provides.");
}
