using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using ShakenFist.Blobs.Files;

namespace ShakenFist.Blobs.Transfer;

/// <summary>
/// Hashes a file on a thread of its own while it is being written, up to a watermark below which it has no gap. It reads the file back, so it hashes the bytes that the
/// file holds, which are still in the page cache. If any of them are written anew, it starts over: the hash is that of the file as it is in the end, whoever moved the
/// watermark, and when.
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

    /// <summary>Starts hashing <paramref name="file"/>, which stays the caller's; <paramref name="algorithm"/> becomes this object's.</summary>
    public IncrementalFileHasher(SafeFileHandle file, string path, HashAlgorithm algorithm)
    {
        _file = file;
        _path = path;
        _algorithm = algorithm;
        _worker = Task.Factory.StartNew(Work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>Bytes hashed so far.</summary>
    public long Hashed => Interlocked.Read(ref _hashed);

    /// <summary>The file has no gap below <paramref name="watermark"/>.</summary>
    public void MoveWatermark(long watermark)
    {
        lock (_lock)
        {
            SetWatermark(watermark);
        }
    }

    /// <summary>Bytes have just been written from this offset on. Those that were hashed before may not be what was hashed.</summary>
    public void Written(long offset)
    {
        lock (_lock)
        {
            _startOver |= offset < _claimed;
        }
    }

    /// <summary>All <paramref name="length"/> bytes are final: hashes the rest and returns the hash.</summary>
    public Task<byte[]> CompleteAsync(long length, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            _end = length;
            SetWatermark(length);
        }

        return _worker.WaitAsync(cancellationToken);
    }

    /// <summary>Ends the thread; nothing touches the file after it.</summary>
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
            // A read failure has been reported to whoever awaited the hash. After an abandoned transfer, nobody does.
        }

        _algorithm.Dispose();
    }

    /// <summary>Starts over if bytes that were hashed are to be written anew. The worker waits until the watermark has risen past them.</summary>
    private void SetWatermark(long watermark)
    {
        _startOver |= watermark < _claimed;
        _watermark = watermark;
        Monitor.Pulse(_lock);
    }

    private byte[] Work()
    {
        byte[] block = new byte[BlockBytes];
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

        if (_end < 0)
        {
            throw new OperationCanceledException();
        }

        _algorithm.TransformFinalBlock([], 0, 0);
        return _algorithm.Hash!;
    }

    /// <summary>Waits for bytes to hash. Null when all are hashed, or the hash is no longer wanted.</summary>
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
