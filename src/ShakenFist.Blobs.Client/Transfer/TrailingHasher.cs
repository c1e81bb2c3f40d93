using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace ShakenFist.Blobs.Transfer;

/// <summary>
/// Hashes a file on a thread of its own while it is being written, following a watermark below which its bytes are there. It reads the file back, so the bytes
/// hashed are the bytes that the file has; they are still in the page cache. If any of them are written anew, it starts over: the hash is that of the file as it is
/// in the end, whoever has moved the watermark, and when.
/// </summary>
internal sealed class TrailingHasher : IAsyncDisposable
{
    private const int BlockBytes = 256 * 1024;

    private readonly object _gate = new();
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
    public TrailingHasher(SafeFileHandle file, string path, HashAlgorithm algorithm)
    {
        _file = file;
        _path = path;
        _algorithm = algorithm;
        _worker = Task.Factory.StartNew(Work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>Bytes hashed so far.</summary>
    public long Hashed => Interlocked.Read(ref _hashed);

    /// <summary>Bytes below <paramref name="watermark"/> are there now.</summary>
    public void MoveWatermark(long watermark)
    {
        lock (_gate)
        {
            SetWatermark(watermark);
        }
    }

    /// <summary>Bytes have just been written from here on. Those that were taken to be hashed before may not be what was hashed.</summary>
    public void Written(long offset)
    {
        lock (_gate)
        {
            _startOver |= offset < _claimed;
        }
    }

    /// <summary>All <paramref name="length"/> bytes are final: hashes what is left and gives the hash.</summary>
    public Task<byte[]> CompleteAsync(long length, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            _end = length;
            SetWatermark(length);
        }

        return _worker.WaitAsync(cancellationToken);
    }

    /// <summary>Ends the thread; nothing touches the file after it.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _abandoned = true;
            Monitor.Pulse(_gate);
        }

        try
        {
            await _worker.ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // A read failure has reached whoever awaited the hash; after an abandoned transfer nobody asks for it.
        }

        _algorithm.Dispose();
    }

    /// <summary>Remembers that bytes already taken are to be written anew: the worker may look again only when the watermark has risen past them.</summary>
    private void SetWatermark(long watermark)
    {
        _startOver |= watermark < _claimed;
        _watermark = watermark;
        Monitor.Pulse(_gate);
    }

    private byte[] Work()
    {
        byte[] block = new byte[BlockBytes];
        while (NextRange() is (long from, int count))
        {
            FileSteps.On(FileStep.Read, _path);
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

    /// <summary>Waits for bytes to hash; null when all are hashed or nobody wants them.</summary>
    private (long From, int Count)? NextRange()
    {
        lock (_gate)
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

                Monitor.Wait(_gate);
            }
        }
    }
}
