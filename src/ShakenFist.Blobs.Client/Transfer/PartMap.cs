namespace ShakenFist.Blobs.Transfer;

/// <summary>
/// Which bytes of a blob are there. A blob is divided into parts of one length; each is open, taken by a worker as a piece of a range, or done, and then known by
/// its hash. Safe for any number of workers.
/// </summary>
internal sealed class PartMap
{
    private const long SmallestPart = 1024 * 1024;

    /// <summary>Bytes of the longest part: one is held in memory when a blob is repaired.</summary>
    public const long LargestPart = 32 * 1024 * 1024;

    /// <summary>Parts of the largest blob, whose map and journal still have some hundred MB: 128 TiB of the longest ones, and no file is that long.</summary>
    public const int MostParts = 4 * 1024 * 1024;

    // More parts than this make the journal long and gain nothing.
    private const long EnoughParts = 65536;

    private readonly object _gate = new();
    private readonly State[] _states;
    private readonly UInt128[] _hashes;

    // Flushes are counted: what was there when one began is on the disk when it has succeeded.
    private readonly int[] _doneBefore;
    private int _nextFlush = 1;
    private int _lastFlushed;
    private int _firstOpen;
    private int _firstUndone;
    private long _bytesDone;
    private long _bytesOpen;

    public PartMap(long size, long partBytes)
    {
        Size = size;
        PartBytes = partBytes;
        Count = checked((int)CountFor(size, partBytes));
        _states = new State[Count];
        _hashes = new UInt128[Count];
        _doneBefore = new int[Count];
        _bytesOpen = size;
    }

    private enum State : byte
    {
        Open,
        Taken,
        Done,
    }

    /// <summary>Length of the blob in bytes.</summary>
    public long Size { get; }

    /// <summary>Length of a part in bytes; the last one may be shorter.</summary>
    public long PartBytes { get; }

    /// <summary>Parts of the blob.</summary>
    public int Count { get; }

    /// <summary>Bytes of the parts that are done.</summary>
    public long BytesDone => Interlocked.Read(ref _bytesDone);

    /// <summary>Bytes of the parts that nobody has taken yet.</summary>
    public long BytesOpen => Interlocked.Read(ref _bytesOpen);

    /// <summary>The length of parts that suits a blob: 1 MiB, and more where that makes too many.</summary>
    public static long PartBytesFor(long size)
    {
        long part = SmallestPart;
        while (part < LargestPart && size / part > EnoughParts)
        {
            part *= 2;
        }

        return part;
    }

    /// <summary>How many parts of this length a blob has.</summary>
    public static long CountFor(long size, long partBytes) => (size / partBytes) + (size % partBytes > 0 ? 1 : 0);

    /// <summary>First byte of a part.</summary>
    public long StartOf(int part) => part * PartBytes;

    /// <summary>First byte after a part.</summary>
    public long EndOf(int part) => part == Count - 1 ? Size : StartOf(part + 1);

    /// <summary>Takes the next open parts in a row, of at most this many bytes but at least one of them; null when none is open.</summary>
    public (long From, long To)? Take(long mostBytes)
    {
        lock (_gate)
        {
            while (_firstOpen < Count && _states[_firstOpen] != State.Open)
            {
                _firstOpen++;
            }

            if (_firstOpen == Count)
            {
                return null;
            }

            int first = _firstOpen;
            long most = Math.Max(1, mostBytes / PartBytes);
            while (_firstOpen < Count && _firstOpen - first < most && _states[_firstOpen] == State.Open)
            {
                _states[_firstOpen++] = State.Taken;
            }

            _bytesOpen -= EndOf(_firstOpen - 1) - StartOf(first);
            return (StartOf(first), EndOf(_firstOpen - 1));
        }
    }

    /// <summary>A part is there and has this hash.</summary>
    public void Complete(int part, UInt128 hash)
    {
        lock (_gate)
        {
            long length = EndOf(part) - StartOf(part);
            _bytesDone += _states[part] == State.Done ? 0 : length;
            _bytesOpen -= _states[part] == State.Open ? length : 0;
            _states[part] = State.Done;
            _hashes[part] = hash;
            _doneBefore[part] = _nextFlush;
        }
    }

    /// <summary>A part that was done is not right: whoever took it brings it again, or, if nobody has, it is open.</summary>
    public void Forget(int part, bool taken)
    {
        lock (_gate)
        {
            long length = EndOf(part) - StartOf(part);
            _bytesDone -= _states[part] == State.Done ? length : 0;
            _bytesOpen += taken || _states[part] == State.Open ? 0 : length;
            _states[part] = taken ? State.Taken : State.Open;
            _firstOpen = taken ? _firstOpen : Math.Min(_firstOpen, part);
            _firstUndone = Math.Min(_firstUndone, part);
        }
    }

    /// <summary>Parts that workers have taken and not brought are open again; no worker is at work any more.</summary>
    /// <returns>Whether there were any.</returns>
    public bool ReopenTaken()
    {
        lock (_gate)
        {
            bool any = false;
            for (int part = 0; part < Count; part++)
            {
                if (_states[part] == State.Taken)
                {
                    _states[part] = State.Open;
                    _bytesOpen += EndOf(part) - StartOf(part);
                    _firstOpen = Math.Min(_firstOpen, part);
                    any = true;
                }
            }

            return any;
        }
    }

    /// <summary>Whether a part is there.</summary>
    public bool IsDone(int part)
    {
        lock (_gate)
        {
            return _states[part] == State.Done;
        }
    }

    /// <summary>The hash of a part that is done.</summary>
    public UInt128 HashOf(int part)
    {
        lock (_gate)
        {
            return _hashes[part];
        }
    }

    /// <summary>A flush of the file begins.</summary>
    /// <returns>Its number, for <see cref="Flushed"/>.</returns>
    public int BeginFlush()
    {
        lock (_gate)
        {
            return _nextFlush++;
        }
    }

    /// <summary>The flush of this number has succeeded.</summary>
    public void Flushed(int flush)
    {
        lock (_gate)
        {
            _lastFlushed = flush;
        }
    }

    /// <summary>The parts that are done, and may not be on the disk yet.</summary>
    public IReadOnlyList<int> Unflushed()
    {
        lock (_gate)
        {
            return [.. Enumerable.Range(0, Count).Where(part => _states[part] == State.Done && _doneBefore[part] > _lastFlushed)];
        }
    }

    /// <summary>First byte of the first part that is not done; the blob's length if all are.</summary>
    public long FirstGap()
    {
        lock (_gate)
        {
            while (_firstUndone < Count && _states[_firstUndone] == State.Done)
            {
                _firstUndone++;
            }

            return _firstUndone == Count ? Size : StartOf(_firstUndone);
        }
    }
}
