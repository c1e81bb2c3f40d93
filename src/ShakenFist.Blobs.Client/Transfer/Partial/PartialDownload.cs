using System.Buffers;
using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using ShakenFist.Blobs.Files;

namespace ShakenFist.Blobs.Transfer;

/// <summary>
/// Owns a download in progress: the temporary file and its identity, the journal, the blocks, the hash, and the result of the verification. No other class writes to
/// the file, completes a block, or gives the file its final name. The order is: open, write and complete blocks, verify, then commit or abandon.
/// </summary>
internal sealed class PartialDownload : IDisposable
{
    /// <summary>The suffix of the temporary file, after the name of the target.</summary>
    public const string Suffix = ".sfpart";

    // Windows can only rename or delete an open file if FileShare.Delete was specified. On other systems, only FileShare.None locks the file.
    public static readonly FileShare Sharing = OperatingSystem.IsWindows() ? FileShare.Delete : FileShare.None;

    // The time between two flushes. It limits how much data a power failure can lose, and how long the final flush takes. The duration of a flush is added, so a slow
    // disk is not overloaded.
    private static readonly TimeSpan FlushInterval = TimeSpan.FromSeconds(0.5);

    // More than the timestamp resolution of any file system (FAT: 2 s).
    private static readonly TimeSpan WriteTimeDistance = TimeSpan.FromSeconds(3);

    // How long to wait for another transfer to the same file to end.
    private const int OpenAttempts = 10;
    private static readonly TimeSpan OpenPause = TimeSpan.FromMilliseconds(100);

    // The HRESULT that .NET reports, without a system error code, if the disk space for a new file cannot be reserved.
    private const int NotAllocated = unchecked((int)0x80131620);

    private static readonly string ModuleVersion =
        typeof(PartialDownload).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? string.Empty;

    private const long SmallBytes = 1024 * 1024;

    private readonly object _lock = new();
    private readonly string _target;
    private readonly DownloadPlan _plan;
    private readonly SafeFileHandle _file;
    private readonly FileIdentity _identity;
    private readonly JournalHeader _header;
    private readonly BlockTable _blocks;
    private readonly PublishedHash? _hash;
    private readonly bool _isSparse;
    private readonly bool _isReserved;

    // Whether the disk can hold the blob, as far as its size and the free space were known at the start.
    private readonly bool _fits;
    private readonly List<WorkRange> _ranges = [];

    // A file of an earlier run. Its blocks are copied into this one.
    private InterruptedTransfer? _source;
    private TransferJournal? _journal;
    private IncrementalFileHasher? _hasher;
    private bool _unwrittenIsZero;
    private bool _isVerified;
    private bool _hasMismatch;
    private bool _isContradicted;

    // The journal still lists a block that must not be used, because it could not be changed.
    private bool _isJournalStale;
    private bool _isTooLarge;
    private volatile bool _isEnded;
    private volatile bool _keep;
    private volatile Exception? _failure;

    private PartialDownload(string target, DownloadPlan plan, SafeFileHandle file, JournalHeader header, TransferJournal? journal, BlockTable blocks, PublishedHash? hash, InterruptedTransfer? source, bool isNew, bool isSparse, bool fits)
    {
        _target = target;
        Path = PathOf(target);
        _plan = plan;
        _file = file;
        _identity = FileStatus.Of(file).Identity;
        _header = header;
        _journal = journal;
        _blocks = blocks;
        _hash = hash;
        _source = source;
        _unwrittenIsZero = isNew;
        _isSparse = isSparse;
        _isReserved = plan.MinimumFreeSpace > 0 && !isSparse && !DiskSpace.IsMemory(Path);
        _fits = fits;
    }

    /// <summary>Full path of the temporary file.</summary>
    public string Path { get; }

    /// <summary>Length of the blob in bytes.</summary>
    public long Size => _blocks.Size;

    /// <summary>
    /// Whether the file is only one short block. It is hashed and flushed at the end, and has a journal only if it cannot be completed. During so short a transfer, a
    /// thread, a timer, and another file would cost more than they save.
    /// </summary>
    public bool IsSmall => IsSmallFor(_blocks);

    /// <summary>Length of a block in bytes.</summary>
    public long BlockBytes => _blocks.BlockBytes;

    /// <summary>Number of blocks.</summary>
    public int BlockCount => _blocks.Count;

    /// <summary>The hash to verify by. The cluster published it now, or when an earlier run began. Null if there is none, or verification is disabled.</summary>
    public PublishedHash? Hash => _hash;

    /// <summary>Whether the data is verified at the end with the hash of the whole blob.</summary>
    public bool HasFinalHash => _hash is not null;

    /// <summary>Whether the data must be compared with a second download, because there is no hash.</summary>
    public bool NeedsSecondDownload => _plan.ComparesDownloads && _hash is null;

    /// <summary>Bytes of the complete blocks.</summary>
    public long BytesComplete => Locked(() => _blocks.BytesComplete);

    /// <summary>Bytes of the blocks that no worker has taken yet.</summary>
    public long BytesOpen => Locked(() => _blocks.BytesOpen);

    /// <summary>Whether the file has its final name.</summary>
    public bool IsCommitted { get; private set; }

    /// <summary>Returns the path of the temporary file of a target.</summary>
    public static string PathOf(string target) => TransferNames.StemOf(target) + Suffix;

    /// <summary>The journal. If there is none yet, it is created with the current state of the blocks.</summary>
    private TransferJournal Journal => _journal ??= IsTakenOver() ? throw NotInPlace() : TransferJournal.Create(_target, _header, _blocks);

    /// <summary>Opens the files of an interrupted transfer of the same blob to the same target, or starts from the beginning.</summary>
    /// <exception cref="SfException">
    /// <see cref="SfErrors.TargetBusy"/> if another process uses the target, <see cref="SfErrors.TransferConflict"/> if another command could still use the existing
    /// files, <see cref="SfErrors.DiskFull"/> if there is not enough space.
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
                // The other process may be about to end, or may only be checking the file.
                await Task.Delay(OpenPause, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Returns the first byte of a block.</summary>
    public long StartOf(int block) => _blocks.StartOf(block);

    /// <summary>Returns the first byte after a block.</summary>
    public long EndOf(int block) => _blocks.EndOf(block);

    /// <summary>Returns the block that contains a byte.</summary>
    public int BlockAt(long offset) => _blocks.BlockAt(offset);

    /// <summary>Returns the hash of a block that is or was complete, as it was when it was written.</summary>
    public UInt128 HashOf(int block) => Locked(() => _blocks.HashOf(block));

    /// <summary>
    /// Compares the file with the hashes of its blocks. They can differ after a power failure, or if another process changed the file. Blocks that differ are fetched
    /// again.
    /// </summary>
    /// <returns>Number of bytes that do not have to be fetched.</returns>
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

    /// <summary>Starts a round of workers. Blocks that were taken and not completed are opened again. From now on, the file is hashed while it is written.</summary>
    public void BeginRound()
    {
        lock (_lock)
        {
            _ranges.Clear();
            if (_blocks.ReopenTaken())
            {
                // The workers of the last round may have written data to places that should contain zeros.
                _unwrittenIsZero = false;
            }

            _hasher ??= _hash is null || IsSmall ? null : new IncrementalFileHasher(_file, Path, _plan.CreateHasher(_hash));
        }

        RangeMoved();
    }

    /// <summary>Creates a hasher for blocks, for one worker.</summary>
    public BlockHasher NewBlockHasher() => new(_plan.CreateXxh128);

    /// <summary>Takes the next blocks for a worker. Null if none is open.</summary>
    /// <param name="maxBytes">Maximum number of bytes. At least one block is returned.</param>
    /// <param name="hasher">The hasher of the worker.</param>
    /// <param name="finished">The previous range of the worker.</param>
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

    /// <summary>Writes bytes of the blob. Notifies the hasher, and invalidates the result of a verification.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="offset">Their offset in the blob.</param>
    /// <param name="unwritten">Whether nothing was written there since the file was created.</param>
    public void Write(ReadOnlySpan<byte> bytes, long offset, bool unwritten)
    {
        try
        {
            EnsureLength();
            FileSystemEvents.Raise(FileOperation.Write, Path);
            if (_plan.MinimumFreeSpace > 0 && !DiskSpace.HasFree(Path, _isReserved ? 0 : bytes.Length, _plan.MinimumFreeSpace))
            {
                throw DiskSpace.Full(Path, bytes.Length, _plan.MinimumFreeSpace);
            }

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
    /// <returns>The number of bytes that were read. Less than requested only at the end of the file.</returns>
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

    /// <summary>Reads bytes back, and fills the buffer unless the file ends.</summary>
    /// <returns>The number of bytes that were read.</returns>
    public int ReadAll(Span<byte> bytes, long offset)
    {
        int filled = 0;
        for (int read; filled < bytes.Length && (read = Read(bytes[filled..], offset + filled)) > 0;)
        {
            filled += read;
        }

        return filled;
    }

    /// <summary>Returns the hash of a block as it is in the file. Null if the file ends before the block does.</summary>
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

    /// <summary>Records that a block is complete in the file.</summary>
    /// <param name="block">The block.</param>
    /// <param name="hash">The hash of the block.</param>
    /// <param name="provisional">Whether its response has not ended as expected.</param>
    /// <exception cref="SfException">The journal cannot be written, or an earlier flush failed.</exception>
    public void CompleteBlock(int block, UInt128 hash, bool provisional)
    {
        // If the file was truncated, and a write of another worker extended it again, a block that was read back may contain zeros.
        EnsureLength();
        lock (_lock)
        {
            ThrowIfFailed();
            _journal?.Add(block, hash, provisional);
            _blocks.Complete(block, hash, provisional);
        }
    }

    /// <summary>Records that the responses of these blocks ended as expected.</summary>
    public void ConfirmBlocks(int first, int last)
    {
        lock (_lock)
        {
            _journal?.Confirm(first, last);
            for (int block = first; block <= last; block++)
            {
                _blocks.Confirm(block);
            }
        }
    }

    /// <summary>Records that a block must be fetched again, either by the worker that took it or by any worker.</summary>
    public void InvalidateBlock(int block, bool taken)
    {
        lock (_lock)
        {
            _isVerified = false;
            _blocks.Invalidate(block, taken);
            if (_journal is not null)
            {
                Revoke(journal => journal.Invalidate(block));
            }

            // The block may have written data to places that should contain zeros.
            _unwrittenIsZero = false;
        }
    }

    /// <summary>Records that all blocks from this offset on must be fetched again.</summary>
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

    /// <summary>Returns the first byte of the first block that is not complete.</summary>
    public long FirstGap() => Locked(_blocks.FirstGap);

    /// <summary>Moves the watermark of the hasher after a work range has changed. Runs under the lock, so that an older value cannot replace a newer one.</summary>
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

    /// <summary>Compares all complete blocks in the file with their hashes.</summary>
    /// <returns>The blocks that differ.</returns>
    public Task<IReadOnlyList<int>> FindDamagedBlocksAsync(Action<long> advance, CancellationToken cancellationToken) =>
        BlockCheck.RunAsync(this, block => Locked(() => _blocks.IsComplete(block)), advance, cancellationToken);

    /// <summary>Writes the temporary file and the journal to the disk at regular intervals, and checks that no other process has replaced them.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="over">Ends the loop, but does not interrupt a flush: if a flush fails, later flushes cannot be trusted.</param>
    /// <param name="stop">Ends the loop immediately. A flush can take long, and the user should not have to wait for it.</param>
    /// <exception cref="SfException">A flush failed, or another process replaced a file. The transfer cannot continue.</exception>
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

                await Task.Run(Journal.Flush, stop).WaitAsync(stop).ConfigureAwait(false);
            }
            catch (Exception e) when (e is SfException || FileErrors.IsFileFailure(e))
            {
                _failure ??= e;
                ThrowIfFailed();
            }
        }
    }

    /// <summary>Compares the hash of the whole file with the published hash.</summary>
    /// <returns>The hash of the file, and whether it matches. Null if no hash is published.</returns>
    public async Task<(byte[] Found, bool Matches)?> VerifyAsync(CancellationToken cancellationToken)
    {
        if (_hash is null)
        {
            return null;
        }

        byte[] found = IsSmall ? HashSmallFile(_hash) : await CompleteHashAsync(_hash, cancellationToken).ConfigureAwait(false);
        lock (_lock)
        {
            _isVerified = _hash.Matches(found);
            if (!_isVerified)
            {
                // A run without the hash could not find out which block is damaged.
                _blocks.MakeAllProvisional();
                RevokeAll();
            }

            return (found, _isVerified);
        }
    }

    private async Task<byte[]> CompleteHashAsync(PublishedHash hash, CancellationToken cancellationToken)
    {
        IncrementalFileHasher hasher;
        lock (_lock)
        {
            hasher = _hasher ??= new IncrementalFileHasher(_file, Path, _plan.CreateHasher(hash));
        }

        byte[] found = await hasher.CompleteAsync(Size, cancellationToken).ConfigureAwait(false);
        await hasher.DisposeAsync().ConfigureAwait(false);
        _hasher = null;
        return found;
    }

    private byte[] HashSmallFile(PublishedHash hash)
    {
        using HashAlgorithm algorithm = _plan.CreateHasher(hash);
        byte[] buffer = ArrayPool<byte>.Shared.Rent((int)Size);
        try
        {
            return algorithm.ComputeHash(buffer, 0, ReadAll(buffer.AsSpan(0, (int)Size), 0));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Records that the file did not match the hash, and fetching the data again did not help. No run can complete it.</summary>
    public void RecordMismatch()
    {
        lock (_lock)
        {
            _hasMismatch = true;
            Revoke(journal =>
            {
                journal.AddMismatch();
                journal.Flush();
            });
        }
    }

    /// <summary>Records that a block differs from a second download. Until <see cref="CompleteBlock"/> is called, the block is not complete, also for later runs.</summary>
    public void Dispute(int block)
    {
        lock (_lock)
        {
            if (_blocks.IsComplete(block))
            {
                InvalidateBlock(block, taken: true);
                Revoke(journal => journal.Flush());
            }
        }
    }

    /// <summary>Returns the blocks that differed from a second download and have not been completed since.</summary>
    public IReadOnlyList<int> DisputedBlocks() => Locked<IReadOnlyList<int>>(() => [.. Enumerable.Range(0, _blocks.Count).Where(block => !_blocks.IsComplete(block))]);

    /// <summary>Records that all bytes were compared with those of a second download, and that differences were resolved.</summary>
    public void ConfirmSecondDownload()
    {
        lock (_lock)
        {
            _isVerified = !_blocks.HasProvisional;
        }
    }

    /// <summary>Records that two downloads returned different data repeatedly. A run without a hash must not use any of it.</summary>
    public void RejectSecondDownload()
    {
        lock (_lock)
        {
            _isContradicted = true;
            _blocks.MakeAllProvisional();
            RevokeAll();
        }
    }

    /// <summary>
    /// Gives the file its final name. No other code does this. The file must be complete, written to the disk, and verified with the published hash. If no hash is
    /// published, all responses must have ended as expected and, if the user specified it, a second download must have returned the same data. The file must be the one that was created for this download (same inode or file ID), and must have no
    /// other name. It gets the access rights of the file it replaces.
    /// </summary>
    /// <exception cref="SfException">
    /// The file did not meet these conditions, or the disk failed. <see cref="SfErrors.TargetExists"/> if a file was created there and must not be replaced,
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

                if (_hasMismatch || (_hash is null && _blocks.HasProvisional) || ((_hash is not null || NeedsSecondDownload) && !_isVerified))
                {
                    throw Bug($"The data of blob {_plan.Blob.Uuid:D} was not verified.");
                }
            }

            DateTime lastWrite = await CheckContentAsync(cancellationToken).ConfigureAwait(false);

            // Flushing gigabytes can take long and cannot be interrupted, but the user should not have to wait for it after a cancellation.
            await Task.Run(Flush, cancellationToken).WaitAsync(cancellationToken).ConfigureAwait(false);
            ThrowIfFailed();
            EnsureInPlace();
            GiveName(replace, lastWrite);
            IsCommitted = _isEnded = true;
            TryDelete(DeleteJournal);
            FilePlacement.Flush(_file, _target);
            _file.Dispose();
        }
        catch (Exception e) when (IsCommitted && FileErrors.IsFileFailure(e))
        {
            throw new SfException(SfErrors.FileFailed, ErrorText.Sentences($"'{_target}' was saved, but its directory could not be written to the disk: {ErrorText.Reason(e)}", "After a power failure, the file can be missing"), e);
        }
        catch (IOException e) when (!replace && File.Exists(_target))
        {
            throw new SfException(SfErrors.TargetExists, $"'{_target}' was created by another process during the transfer.", e);
        }
        catch (Exception e) when (FileErrors.IsFileFailure(e))
        {
            throw IsInPlace() ? FileErrors.Of(e, _target) : NotInPlace(e);
        }

        static SfException Bug(FormattableString problem) =>
            new(SfErrors.TransferInterrupted, FormattableString.Invariant(problem) + " This is a bug. Please report it.");
    }

    /// <summary>Gives the file its access rights and its final name. If that fails, the file becomes private again.</summary>
    private void GiveName(bool replace, DateTime lastWrite)
    {
        FileStatus own = FileStatus.Of(_file);
        try
        {
            FileAccessRights.Apply(_file, _target, replace);
            if (File.GetLastWriteTimeUtc(_file) != lastWrite)
            {
                throw ContentChanged();
            }

            // Rename the file before closing it, because closing it releases the lock.
            FilePlacement.Move(_file, Path, _target, replace);
        }
        catch
        {
            FileAccessRights.Revert(_file, own);
            throw;
        }
    }

    /// <summary>
    /// Compares the file with the hashes of the received blocks. Another process may have written to a block that was already verified, or may write to it later. A
    /// later write changes the time of the last write, which this method sets to a time in the past and returns.
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

    /// <summary>
    /// Returns the error for a disk that became full, with the required and the free space. If the blob cannot fit on the disk, <see cref="Abandon"/> then deletes the
    /// files, so that other blobs can be saved.
    /// </summary>
    public SfException DescribeFullDisk(SfException failure)
    {
        long missing = Size - BytesComplete;
        _isTooLarge = missing > 0 && !_fits;
        return missing == 0 ? failure
            : DiskSpace.Full(_target, missing, _plan.MinimumFreeSpace, _isSparse ? "up to another " : "another ", failure.InnerException ?? failure);
    }

    /// <summary>Ends the download without giving the file its final name. Data that has already been received is kept, unless the blob cannot fit on the disk.</summary>
    /// <param name="received">Number of bytes received so far, including those of incomplete blocks.</param>
    /// <returns>A sentence about the received data, for the message of the failure.</returns>
    public string Abandon(long received)
    {
        _isEnded = true;
        _keep = !_isTooLarge && !_isJournalStale && (_failure is null || TryInvalidateUnflushed()) && BytesComplete > 0 && IsThere() && HasJournal();
        if (!_keep && (!_hasMismatch || _isJournalStale))
        {
            TryDelete(DeleteJournal);
        }

        return $"{ErrorText.Received(Math.Max(received, BytesComplete), Size)} "
            + (_hasMismatch && !_isJournalStale ? $"The data is kept in '{Path}'."
                : _keep && _isContradicted ? $"The data is kept in '{Path}'. It is used again only if the cluster has published a hash of the blob."
                : _keep ? $"{ErrorText.Bytes(BytesComplete)} are kept in '{Path}'. Run the same command again to resume the transfer."
                : _isTooLarge ? "It was deleted, because the blob does not fit on the disk."
                : "No data was kept.");
    }

    /// <summary>Ends the hashing and closes the files. If the download was neither committed nor abandoned, its files stay on the disk.</summary>
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
            // The failure that ended the transfer is more important. The next transfer replaces the temporary file.
        }
        finally
        {
            _source?.Dispose();
            _journal?.Dispose();
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
                // The earlier process ended after the file got its name, but before its temporary name was removed.
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
                TargetName = TransferNames.NameToRecord(target),
                StartedAt = plan.Now,
            };
            string? obstacle = found?.ObstacleTo(header);
            if (obstacle is not null)
            {
                if (!plan.Force && found!.IsUsefulToAnother(header))
                {
                    throw new SfException(SfErrors.TransferConflict, $"Cannot use '{PathOf(target)}': {obstacle}.");
                }

                log.Warning($"Restarting the transfer to '{target}' from the beginning: {obstacle}.");
            }

            JournalContent? known = found is null ? TransferJournal.Read(target) : found.Journal;
            header = InterruptedTransfer.WithKnownChecksums(known, header);
            PublishedHash? hash = plan.ChooseHash(PublishedHash.AllOf(header.Checksums));
            JournalContent? usable = obstacle is null ? found?.Journal : null;
            BlockTable blocks = new(plan.Size, usable?.Header!.BlockBytes ?? plan.BlockBytes);
            bool isSparse;
            isNew = usable is null || !found!.IsWritable || FileAccessRights.WasShared(found.File);
            long reserved = isNew && !plan.Sparse ? plan.Size : 0;
            if (reserved + plan.MinimumFreeSpace > 0)
            {
                DiskSpace.Check(target, reserved, plan.MinimumFreeSpace);
            }

            if (isNew)
            {
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
            TransferJournal? journal = found is null && known is null && IsSmallFor(blocks) ? null : TransferJournal.Create(target, header, blocks);
            bool copies = isNew && usable is { Blocks.Count: > 0 };
            PartialDownload download = new(target, plan, file, header, journal, blocks, hash, copies ? found : null, isNew, isSparse, FitsOnDisk(target, plan, usable is null ? 0 : usable.Blocks.Keys.Sum(block => blocks.EndOf(block) - blocks.StartOf(block)), log));
            file = null;
            found = copies ? null : found;
            return download;
        }
        catch (Exception e) when (FileErrors.IsFileFailure(e))
        {
            throw FileErrors.Of(e, PathOf(target));
        }
        finally
        {
            if (file is not null && isNew)
            {
                TryDelete(() => File.Delete(PathOf(target)));
            }

            file?.Dispose();
            found?.Dispose();
        }
    }

    /// <summary>
    /// Whether the disk can hold the blob. The space for a file that is not sparse was checked or reserved. A sparse file needs the space that the blob uses in the
    /// cluster. If that is not known, it may need up to its length, but usually needs less.
    /// </summary>
    private static bool FitsOnDisk(string target, DownloadPlan plan, long kept, ISfLog log)
    {
        if (!plan.Sparse)
        {
            return true;
        }

        if (plan.Blob.DiskBytes is not { } needed)
        {
            return DiskSpace.TotalOf(target) is not { } total || total - plan.MinimumFreeSpace >= plan.Size;
        }

        if (DiskSpace.HasFree(target, needed - kept, plan.MinimumFreeSpace))
        {
            return true;
        }

        (string uses, string free) = ErrorText.Different(needed, DiskSpace.FreeOf(target) ?? 0);
        log.Warning($"Blob {plan.Blob.Uuid:D} uses {uses} in the cluster, but only {free} are free for '{target}'. The disk will probably be full before the blob is complete.");
        return false;
    }

    /// <summary>Creates the temporary file with the length of the blob, so that a truncation is detected. The disk space is reserved unless the file is sparse.</summary>
    private static SafeFileHandle CreateFile(string target, DownloadPlan plan, out bool isSparse)
    {
        string path = PathOf(target);
        SafeFileHandle? file = null;
        try
        {
            FileSystemEvents.Raise(FileOperation.Open, path);

            // On a file system in memory, reserving space would only fill it with zeros.
            file = PrivateFile.Create(path, Sharing, plan.Sparse || DiskSpace.IsMemory(path) ? 0 : plan.Size, like: target);
            FileLock.TryTake(file, path);
            isSparse = SparseFile.TryEnable(file, plan.Sparse);
            FileSystemEvents.Raise(FileOperation.Write, path);
            RandomAccess.SetLength(file, plan.Size);
            return file;
        }
        catch (IOException e) when (file is null && e.HResult == NotAllocated)
        {
            throw DiskSpace.Full(target, plan.Size, plan.MinimumFreeSpace, inner: e);
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

            throw !FileErrors.IsTooLarge(e) ? FileErrors.Of(e, path)
                : new SfException(SfErrors.FileFailed, $"'{target}' needs {ErrorText.Bytes(plan.Size)}, which is more than its file system permits for a file. No data was fetched.", e);
        }
    }

    /// <summary>Whether the block can be used: a provisional block requires that the whole blob is verified.</summary>
    private static bool IsUsable(JournalBlock block, PublishedHash? hash) => hash is not null || !block.IsProvisional;

    private static bool IsSmallFor(BlockTable blocks) => blocks.Count == 1 && blocks.Size <= SmallBytes;

    private void DeleteJournal() => _journal?.Delete();

    /// <summary>Changes the journal so that a later run does not use data. If that fails, the received data is not kept.</summary>
    private void Revoke(Action<TransferJournal> change)
    {
        bool wasStale = _isJournalStale;
        _isJournalStale = true;
        change(Journal);
        _isJournalStale = wasStale;
    }

    private void RevokeAll() => Revoke(journal =>
    {
        journal.MakeAllProvisional();
        journal.Flush();
    });

    /// <summary>Creates the journal if there is none. Returns false if that failed.</summary>
    private bool HasJournal()
    {
        try
        {
            return Locked(() => Journal) is not null;
        }
        catch (SfException)
        {
            // The failure of the transfer is more important.
            return false;
        }
    }

    private static void TryDelete(Action delete)
    {
        try
        {
            delete();
        }
        catch (Exception e) when (FileErrors.IsFileFailure(e))
        {
            // The failure of the transfer is more important.
        }
    }

    /// <summary>Copies the blocks of a file that must not be written to. Each block is compared with its hash.</summary>
    private void CopyBlocks(InterruptedTransfer source, Action<long> advance, CancellationToken cancellationToken)
    {
        using BlockHasher hasher = NewBlockHasher();
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
        if (!IsInPlace())
        {
            throw NotInPlace();
        }

        if (IsTakenOver())
        {
            throw new SfException(SfErrors.TargetBusy, $"Another process has started to save to '{_target}'.");
        }
    }

    private bool IsInPlace() => FileStatus.At(Path) is { LinkCount: 1, IsOwn: true } there && there.Identity == _identity;

    private SfException NotInPlace(Exception? cause = null) =>
        new(SfErrors.TargetChanged, $"Another process deleted or replaced the temporary file '{Path}', or created a hard link to it.", cause);

    private bool IsThere()
    {
        try
        {
            return FileStatus.IsAt(_identity, Path);
        }
        catch (Exception e) when (FileErrors.IsFileFailure(e))
        {
            return false;
        }
    }

    /// <summary>Whether another process has started to use the same target, which is possible if the file system does not support locks.</summary>
    private bool IsTakenOver() => FileStatus.At(TransferJournal.PathOf(_target)) is not null && _journal?.IsInPlace() != true;

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
            FilePlacement.FlushData(_file);
        }
        catch (Exception e) when (FileErrors.IsFileFailure(e))
        {
            // The system reports a failed flush only once, and then reads return the data although it may not be on the disk. Therefore, the failure is recorded.
            _failure ??= e;
            if (_isEnded && !IsCommitted)
            {
                // The caller no longer waits for the flush, and the journal does not record its failure.
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

    /// <summary>Invalidates the blocks written since the last successful flush. They may be lost, even if they can still be read.</summary>
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
            // The journal still lists the block, so both files must be deleted.
            return false;
        }
    }
}

/// <summary>The settings of a download.</summary>
internal sealed record DownloadPlan
{
    /// <summary>The blob.</summary>
    public required SfBlob Blob { get; init; }

    /// <summary>The length of the blob in bytes.</summary>
    public required long Size { get; init; }

    /// <summary>Length of a block in bytes if the transfer starts from the beginning.</summary>
    public required long BlockBytes { get; init; }

    /// <summary>Whether the data is compared with a second download if there is no hash.</summary>
    public bool ComparesDownloads { get; init; }

    /// <summary>Whether ranges of zeros become holes.</summary>
    public bool Sparse { get; init; }

    /// <summary>Whether the files of an interrupted transfer of another blob can be discarded.</summary>
    public bool Force { get; init; }

    /// <summary>Number of bytes that must remain free on the disk.</summary>
    public long MinimumFreeSpace { get; init; }

    /// <summary>The current time in UTC.</summary>
    public DateTime Now { get; init; }

    /// <summary>Creates a hasher for XXH128. Null if it is not available.</summary>
    public Func<HashAlgorithm>? CreateXxh128 { get; init; }

    /// <summary>Chooses the hash to verify by from all published hashes. Returns null for none.</summary>
    public required Func<IReadOnlyList<PublishedHash>, PublishedHash?> ChooseHash { get; init; }

    /// <summary>Creates a hasher for a published hash.</summary>
    public HashAlgorithm CreateHasher(PublishedHash hash) => hash.Algorithm != SfHashAlgorithm.XXH128 ? hash.Algorithm.Create()
        : CreateXxh128?.Invoke() ?? throw new NotSupportedException("XXH128 requires a hasher that the caller provides.");
}
