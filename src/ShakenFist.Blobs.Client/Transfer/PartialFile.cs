using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace ShakenFist.Blobs.Transfer;

/// <summary>The temporary file beside the target: locked while it is written, and either put in the target's place or removed.</summary>
internal sealed class PartialFile : IDisposable
{
    /// <summary>What the target's name is followed by while the transfer goes on.</summary>
    public const string Suffix = ".sfpart";

    // Windows renames and removes an open file only if it was opened so; elsewhere only None locks.
    private static readonly FileShare Sharing = OperatingSystem.IsWindows() ? FileShare.Delete : FileShare.None;

    // How long the other transfer to the same file may take to end.
    private const int LockAttempts = 10;
    private static readonly TimeSpan LockPause = TimeSpan.FromMilliseconds(100);

    // What .NET says, with no code of the system's, when a new file cannot have its room at once.
    private const int NotAllocated = unchecked((int)0x80131620);

    private readonly bool _sparse;
    private volatile bool _left;
    private volatile Exception? _flushFailure;

    private PartialFile(string path, SafeFileHandle handle, bool isNew, bool sparse)
    {
        Path = path;
        Handle = handle;
        IsNew = isNew;
        Keep = !isNew;
        _sparse = sparse;
    }

    /// <summary>The open file.</summary>
    public SafeFileHandle Handle { get; }

    /// <summary>Full path of the file.</summary>
    public string Path { get; }

    /// <summary>Whether nothing was in it when it was begun, so that what has not been written is zeros.</summary>
    public bool IsNew { get; set; }

    /// <summary>Whether it stays on the disk when this object is disposed of. What was there before stays, until it is said to be of no use.</summary>
    public bool Keep { get; set; }

    /// <summary>Whether it has become the target.</summary>
    public bool IsFinished { get; private set; }

    /// <summary>Follows what is written, and is told of all of it; null if nobody does.</summary>
    public TrailingHasher? Hasher { get; set; }

    /// <summary>Why the disk did not take what was written; null as long as it does. A system tells it once, and then reads well what is lost: so it is remembered.</summary>
    public Exception? FlushFailure => _flushFailure;

    /// <summary>
    /// Opens the temporary file of a target for this process alone, as it is. A new one takes the room of the whole blob on the disk at once, unless it is to be
    /// sparse.
    /// </summary>
    /// <exception cref="SfException"><see cref="SfErrors.TargetBusy"/> if another transfer has it, <see cref="SfErrors.DiskFull"/> if there is no room.</exception>
    public static async Task<PartialFile> OpenAsync(string target, long size, bool sparse, CancellationToken cancellationToken)
    {
        string path = target + Suffix;
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return Open(path, size, sparse);
            }
            catch (SfException e) when (e.Error == SfErrors.TargetBusy && attempt < LockAttempts)
            {
                // It may be about to end, or someone is only looking.
                await Task.Delay(LockPause, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Locks the temporary file of a target; null if there is none.</summary>
    /// <exception cref="IOException">Somebody has locked it.</exception>
    public static SafeFileHandle? TryLock(string target)
    {
        string path = target + Suffix;
        return File.Exists(path) ? File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, Sharing) : null;
    }

    /// <summary>Hashes the first <paramref name="length"/> bytes.</summary>
    public async Task<byte[]> HashAsync(HashAlgorithm algorithm, long length, CancellationToken cancellationToken)
    {
        await using TrailingHasher hasher = new(Handle, Path, algorithm);
        return await hasher.CompleteAsync(length, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Lets the file begin anew.</summary>
    public void Clear(long size)
    {
        try
        {
            RandomAccess.SetLength(Handle, 0);
            if (_sparse)
            {
                Stretch(size);
            }

            IsNew = true;
            Keep = false;
        }
        catch (Exception e) when (FileErrors.IsFileFailure(e))
        {
            throw FileErrors.Of(e, Path);
        }
    }

    /// <summary>Puts bytes in their place.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="offset">Where.</param>
    /// <param name="fresh">Nothing has been written there since the file was begun.</param>
    public void Write(ReadOnlySpan<byte> bytes, long offset, bool fresh)
    {
        try
        {
            FileSteps.On(FileStep.Write, Path);
            if (_sparse)
            {
                SparseFile.Write(Handle, bytes, offset, fresh && IsNew);
            }
            else
            {
                RandomAccess.Write(Handle, bytes, offset);
            }

            Hasher?.Written(offset);
        }
        catch (Exception e) when (FileErrors.IsFileFailure(e))
        {
            throw FileErrors.Of(e, Path);
        }
    }

    /// <summary>Reads bytes back; fewer than asked for only at the end of the file.</summary>
    public int Read(Span<byte> bytes, long offset)
    {
        try
        {
            FileSteps.On(FileStep.Read, Path);
            return RandomAccess.Read(Handle, bytes, offset);
        }
        catch (Exception e) when (FileErrors.IsFileFailure(e))
        {
            throw FileErrors.Of(e, Path);
        }
    }

    /// <summary>Makes what was written survive a loss of power.</summary>
    public void Flush()
    {
        try
        {
            FileSteps.On(FileStep.Flush, Path);
            RandomAccess.FlushToDisk(Handle);
        }
        catch (Exception e) when (FileErrors.IsFileFailure(e))
        {
            _flushFailure = e;
            if (_left)
            {
                // Nobody waited for it, and the journal knows nothing of it.
                File.Delete(Path);
            }

            throw;
        }
    }

    /// <summary>The transfer ends without it: from now on nobody looks at <see cref="FlushFailure"/>.</summary>
    public void Leave() => _left = true;

    /// <summary>Makes the file durable at this length and gives it the target's name.</summary>
    /// <exception cref="SfException"><see cref="SfErrors.TargetExists"/> if a file has appeared there meanwhile and may not be replaced.</exception>
    public async Task MoveToAsync(string target, long length, bool replace, CancellationToken cancellationToken)
    {
        try
        {
            RandomAccess.SetLength(Handle, length);

            // A disk may take long over gigabytes and cannot be interrupted, but whoever wants to stop need not wait for it.
            await Task.Run(Flush, cancellationToken).WaitAsync(cancellationToken).ConfigureAwait(false);
            if (!FileKind.IsAt(Handle, Path))
            {
                throw new IOException($"The temporary file '{Path}' was removed or replaced by someone else.");
            }

            // Renamed before it is closed: closing ends the lock, and another transfer would empty the file before it has its name.
            FileSteps.On(FileStep.Rename, target);
            File.Move(Path, target, replace);
            IsFinished = true;
            Handle.Dispose();
        }
        catch (IOException e) when (!replace && File.Exists(target))
        {
            throw new SfException(SfErrors.TargetExists, $"'{target}' has appeared while the blob was being fetched.", e);
        }
        catch (Exception e) when (FileErrors.IsFileFailure(e))
        {
            throw FileErrors.Of(e, target);
        }
    }

    public void Dispose()
    {
        try
        {
            if (!IsFinished && !Keep && FileKind.IsAt(Handle, Path))
            {
                File.Delete(Path);
            }
        }
        catch (Exception e) when (FileErrors.IsFileFailure(e))
        {
            // What ended the transfer is the news; a temporary file that stays is overwritten by the next one.
        }
        finally
        {
            Handle.Dispose();
        }
    }

    private static PartialFile Open(string path, long size, bool sparse)
    {
        SafeFileHandle? handle = null;
        bool isNew = !File.Exists(path);
        try
        {
            FileSteps.On(FileStep.Open, path);
            FileKind.CheckOwn(path);
            handle = isNew
                ? File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, Sharing, FileOptions.Asynchronous, Preallocation(path, size, sparse))
                : File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, Sharing, FileOptions.Asynchronous);

            // It was another transfer's, and has got its final name between the look and the lock.
            if (!FileKind.IsAt(handle, path))
            {
                throw new SfException(SfErrors.TargetBusy, $"'{path}' was in use by another transfer to the same file.");
            }

            SparseFile.Allow(handle, sparse);
            PartialFile part = new(path, handle, isNew, sparse);
            handle = null;
            if (isNew && sparse)
            {
                part.Stretch(size);
            }

            return part;
        }
        catch (FileNotFoundException e) when (!isNew)
        {
            throw new SfException(SfErrors.TargetBusy, $"'{path}' was in use by another transfer to the same file.", e);
        }
        catch (IOException e) when (isNew && FileErrors.IsAlreadyThere(e))
        {
            throw new SfException(SfErrors.TargetBusy, $"'{path}' is in use by another transfer to the same file.", e);
        }
        catch (IOException e) when (isNew && e.HResult == NotAllocated)
        {
            throw new SfException(SfErrors.DiskFull, $"'{path}': {ServerText.Clean(e.Message, int.MaxValue)}", e);
        }
        catch (Exception e) when (FileErrors.IsFileFailure(e))
        {
            throw FileErrors.Of(e, path);
        }
        finally
        {
            handle?.Dispose();
        }
    }

    /// <summary>Gives a sparse file its length. A new one that cannot have it does not stay.</summary>
    private void Stretch(long size)
    {
        try
        {
            FileSteps.On(FileStep.Write, Path);
            RandomAccess.SetLength(Handle, size);
        }
        catch (IOException)
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Bytes to take on the disk at once. Memory is not a disk: there it would only be filled with zeros first.</summary>
    private static long Preallocation(string path, long size, bool sparse) =>
        sparse || DiskSpace.IsMemory(path) ? 0 : size;
}
