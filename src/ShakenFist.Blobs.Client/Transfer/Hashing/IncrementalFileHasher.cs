using System.Buffers;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using ShakenFist.Blobs.Files;

namespace ShakenFist.Blobs.Transfer;

/// <summary>
/// Hashes a file on a separate thread while it is written, up to a watermark below which the file has no gaps. It reads the file, so the hash covers the bytes in the
/// file, which are usually still in the page cache. If bytes that were already hashed are written again, it starts over. The result is always the hash of the final
/// file.
/// </summary>
internal sealed class IncrementalFileHasher : IAsyncDisposable
{
    private const int BlockBytes = 256 * 1024;

    private readonly object _lock = new();
    private readonly SafeFileHandle _file;
    private readonly string _path;
    private readonly HashAlgorithm _algorithm;
    private readonly Task<byte[]> _worker;
    private long _watermark;
    private long _hashed;
    private long _claimed;
    private bool _startOver;
    private long _end = -1;
    private bool _abandoned;

    /// <summary>Starts hashing <paramref name="file"/>, which the caller still owns. This object owns <paramref name="algorithm"/>.</summary>
    /// <param name="file">The file.</param>
    /// <param name="path">Its path, for messages.</param>
    /// <param name="algorithm">The algorithm.</param>
    public IncrementalFileHasher(SafeFileHandle file, string path, HashAlgorithm algorithm)
    {
        _file = file;
        _path = path;
        _algorithm = algorithm;
        _worker = Task.Factory.StartNew(Work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>Number of bytes hashed so far.</summary>
    public long Hashed => Interlocked.Read(ref _hashed);

    /// <summary>Reports that the file has no gaps below <paramref name="watermark"/>.</summary>
    public void MoveWatermark(long watermark)
    {
        lock (_lock)
        {
            SetWatermark(watermark);
        }
    }

    /// <summary>Reports that bytes were written from this offset. If they were already hashed, the hash is invalid.</summary>
    public void Written(long offset)
    {
        lock (_lock)
        {
            _startOver |= offset < _claimed;
        }
    }

    /// <summary>Hashes the rest of the file and returns the hash. All <paramref name="length"/> bytes must be final.</summary>
    public Task<byte[]> CompleteAsync(long length, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            _end = length;
            SetWatermark(length);
        }

        return _worker.WaitAsync(cancellationToken);
    }

    /// <summary>Ends the thread. The file is not accessed afterwards.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            _abandoned = true;
            Monitor.Pulse(_lock);
        }

        try
        {
            await _worker.ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The caller that awaited the hash has received the read failure. After an abandoned transfer, no caller awaits it.
        }

        _algorithm.Dispose();
    }

    /// <summary>Starts over if bytes that were hashed will be written again. The thread waits until the watermark has passed them.</summary>
    private void SetWatermark(long watermark)
    {
        _startOver |= watermark < _claimed;
        _watermark = watermark;
        Monitor.Pulse(_lock);
    }

    private byte[] Work()
    {
        byte[] block = ArrayPool<byte>.Shared.Rent(BlockBytes);
        try
        {
            while (NextRange() is (long from, int count))
            {
                FileSystemEvents.Raise(FileOperation.Read, _path);
                int read = RandomAccess.Read(_file, block.AsSpan(0, count), from);
                if (read == 0)
                {
                    throw new EndOfStreamException("The temporary file became shorter while it was being hashed.");
                }

                _algorithm.TransformBlock(block, 0, read, null, 0);
                Interlocked.Add(ref _hashed, read);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
        }

        if (_end < 0)
        {
            throw new OperationCanceledException();
        }

        _algorithm.TransformFinalBlock([], 0, 0);
        return _algorithm.Hash!;
    }

    /// <summary>Waits for bytes to hash. Null when all bytes are hashed, or the hash is no longer needed.</summary>
    private (long From, int Count)? NextRange()
    {
        lock (_lock)
        {
            while (true)
            {
                if (_abandoned && (_startOver || _hashed != _end))
                {
                    _end = -1;
                    return null;
                }

                if (_startOver)
                {
                    _algorithm.Initialize();
                    Interlocked.Exchange(ref _hashed, 0);
                    _claimed = 0;
                    _startOver = false;
                }

                if (_hashed < _watermark)
                {
                    int count = (int)Math.Min(BlockBytes, _watermark - _hashed);
                    _claimed = _hashed + count;
                    return (_hashed, count);
                }

                if (_hashed == _end)
                {
                    return null;
                }

                Monitor.Wait(_lock);
            }
        }
    }
}
