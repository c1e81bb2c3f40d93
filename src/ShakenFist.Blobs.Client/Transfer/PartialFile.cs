using Microsoft.Win32.SafeHandles;

namespace ShakenFist.Blobs.Transfer;

/// <summary>The temporary file beside the target: locked while it is written, and either put in the target's place or removed.</summary>
internal sealed class PartialFile : IDisposable
{
    /// <summary>What the target's name is followed by while the transfer goes on.</summary>
    public const string Suffix = ".sfpart";

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
        try
        {
            // Emptied only once it is locked: it may be another process's.
            SafeFileHandle handle = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, FileOptions.Asynchronous);
            RandomAccess.SetLength(handle, 0);
            return new PartialFile(path, handle);
        }
        catch (Exception e) when (FileErrors.IsFileFailure(e))
        {
            throw FileErrors.Of(e, path);
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

    /// <summary>Makes the file durable at this length and gives it the target's name.</summary>
    /// <exception cref="SfException"><see cref="SfErrors.TargetExists"/> if a file has appeared there meanwhile and may not be replaced.</exception>
    public async Task MoveToAsync(string target, long length, bool replace, CancellationToken cancellationToken)
    {
        try
        {
            RandomAccess.SetLength(Handle, length);

            // A disk may take long over gigabytes and cannot be interrupted, but whoever wants to stop need not wait for it.
            await Task.Run(() => RandomAccess.FlushToDisk(Handle), cancellationToken).WaitAsync(cancellationToken).ConfigureAwait(false);
            Handle.Dispose();
            File.Move(_path, target, replace);
            _finished = true;
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
        Handle.Dispose();
        if (_finished)
        {
            return;
        }

        try
        {
            File.Delete(_path);
        }
        catch (Exception e) when (FileErrors.IsFileFailure(e))
        {
            // What ended the transfer is the news; a temporary file that stays is overwritten by the next one.
        }
    }
}
