using Microsoft.Win32.SafeHandles;

namespace ShakenFist.Blobs.Transfer;

/// <summary>The temporary file beside the target: locked while it is written, and either put in the target's place or removed.</summary>
internal sealed class PartialFile : IWindowTarget, IDisposable
{
    /// <summary>What the target's name is followed by while the transfer goes on.</summary>
    public const string Suffix = ".sfpart";

    // Windows renames and removes an open file only if it was opened so; elsewhere only None locks.
    private static readonly FileShare Sharing = OperatingSystem.IsWindows() ? FileShare.Delete : FileShare.None;

    private readonly string _path;
    private bool _finished;

    private PartialFile(string path, SafeFileHandle handle)
    {
        _path = path;
        Handle = handle;
    }

    /// <summary>The open file.</summary>
    public SafeFileHandle Handle { get; }

    /// <summary>Opens the temporary file of a target for this process alone, empty.</summary>
    public static PartialFile Open(string target)
    {
        string path = target + Suffix;
        SafeFileHandle? handle = null;
        try
        {
            if (new FileInfo(path).LinkTarget is not null)
            {
                throw new SfException(SfErrors.TargetNotFile, $"'{path}' is a symbolic link, and a temporary file is not written through one.");
            }

            // Emptied only once it is locked and still there: it may be another transfer's, even its finished file under the final name.
            handle = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, Sharing, FileOptions.Asynchronous);
            if (!IsAt(handle, path))
            {
                throw new SfException(SfErrors.TargetBusy, $"'{path}' was in use by another transfer to the same file.");
            }

            RandomAccess.SetLength(handle, 0);
            PartialFile part = new(path, handle);
            handle = null;
            return part;
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

    public void Write(ReadOnlySpan<byte> bytes, long offset)
    {
        try
        {
            RandomAccess.Write(Handle, bytes, offset);
        }
        catch (Exception e) when (FileErrors.IsFileFailure(e))
        {
            throw FileErrors.Of(e, _path);
        }
    }

    public void Read(Span<byte> bytes, long offset)
    {
        try
        {
            RandomAccess.Read(Handle, bytes, offset);
        }
        catch (Exception e) when (FileErrors.IsFileFailure(e))
        {
            throw FileErrors.Of(e, _path);
        }
    }

    /// <summary>Makes the file durable at this length and gives it the target's name.</summary>
    /// <exception cref="SfException"><see cref="SfErrors.TargetExists"/> if a file has appeared there meanwhile and may not be replaced.</exception>
    public async Task MoveToAsync(string target, long length, bool replace, CancellationToken cancellationToken)
    {
        try
        {
            RandomAccess.SetLength(Handle, length);

            // A disk may take long over gigabytes and cannot be interrupted, but whoever wants to stop need not wait for it.
            await Task.Run(() => RandomAccess.FlushToDisk(Handle), cancellationToken).WaitAsync(cancellationToken).ConfigureAwait(false);
            if (!IsAt(Handle, _path))
            {
                throw new IOException($"The temporary file '{_path}' was removed or replaced by someone else.");
            }

            // Renamed before it is closed: closing ends the lock, and another transfer would empty the file before it has its name.
            File.Move(_path, target, replace);
            _finished = true;
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
            if (!_finished && IsAt(Handle, _path))
            {
                File.Delete(_path);
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

    /// <summary>Whether the path still names the open file. On Windows nobody else can have changed that.</summary>
    private static bool IsAt(SafeFileHandle handle, string path)
    {
        FileInfo there = new(path);
        return OperatingSystem.IsWindows()
            || (there.Exists && there.Length == RandomAccess.GetLength(handle) && there.LastWriteTimeUtc == File.GetLastWriteTimeUtc(handle));
    }
}
