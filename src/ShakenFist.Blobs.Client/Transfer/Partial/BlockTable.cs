namespace ShakenFist.Blobs.Transfer;

/// <summary>
/// Which blocks of a blob are on disk. A blob is divided into blocks of one length. Each is open, taken by a worker as a piece of a work range, or complete, and then
/// known by its hash. A complete block is provisional until the response that brought it has ended as it must. Not safe for threads: its owner has the lock.
/// </summary>
internal sealed class BlockTable
{
    private const long MinBlockBytes = 1024 * 1024;

    /// <summary>Bytes of the longest block: one is held in memory when a blob is repaired.</summary>
    public const long MaxBlockBytes = 32 * 1024 * 1024;

    /// <summary>Blocks of the largest blob, whose table and journal still take some hundred MB: 128 TiB of the longest blocks, and no file is that long.</summary>
    public const int MaxCount = 4 * 1024 * 1024;

    // More blocks than this make the journal long and gain nothing.
    private const long EnoughBlocks = 65536;

    private readonly BlockState[] _states;
    private readonly UInt128[] _hashes;

    // Flushes are counted: what was complete when one began is on the disk when it has succeeded.
    private readonly int[] _completeBefore;
    private int _nextFlush = 1;
    private int _lastFlushed;
    private int _firstOpen;
    private int _firstIncomplete;
    private int _provisionalCount;

    public BlockTable(long size, long blockBytes)
    {
        Size = size;
        BlockBytes = blockBytes;
        Count = checked((int)CountFor(size, blockBytes));
        _states = new BlockState[Count];
        _hashes = new UInt128[Count];
        _completeBefore = new int[Count];
        BytesOpen = size;
    }

    private enum BlockState : byte
    {
        Open,
        Taken,
        Provisional,
        Confirmed,
    }

    /// <summary>Length of the blob in bytes.</summary>
    public long Size { get; }

    /// <summary>Length of a block in bytes. The last one may be shorter.</summary>
    public long BlockBytes { get; }

    /// <summary>Number of blocks of the blob.</summary>
    public int Count { get; }

    /// <summary>Bytes of the complete blocks.</summary>
    public long BytesComplete { get; private set; }

    /// <summary>Bytes of the blocks that no worker has taken yet.</summary>
    public long BytesOpen { get; private set; }

    /// <summary>Whether a complete block is provisional.</summary>
    public bool HasProvisional => _provisionalCount > 0;

    /// <summary>The block length that suits a blob: 1 MiB, and more if that makes too many blocks.</summary>
    public static long BlockBytesFor(long size)
    {
        long block = MinBlockBytes;
        while (block < MaxBlockBytes && size / block > EnoughBlocks)
        {
            block *= 2;
        }

        return block;
    }

    /// <summary>How many blocks of this length a blob has.</summary>
    public static long CountFor(long size, long blockBytes) => (size / blockBytes) + (size % blockBytes > 0 ? 1 : 0);

    /// <summary>First byte of a block.</summary>
    public long StartOf(int block) => block * BlockBytes;

    /// <summary>First byte after a block.</summary>
    public long EndOf(int block) => block == Count - 1 ? Size : StartOf(block + 1);

    /// <summary>The block that contains a byte.</summary>
    public int BlockAt(long offset) => (int)(offset / BlockBytes);

    /// <summary>Takes the next consecutive open blocks, at most this many bytes but at least one block. Null if none is open.</summary>
    public (long From, long To)? Take(long maxBytes)
    {
        while (_firstOpen < Count && _states[_firstOpen] != BlockState.Open)
        {
            _firstOpen++;
        }

        if (_firstOpen == Count)
        {
            return null;
        }

        int first = _firstOpen;
        long max = Math.Max(1, maxBytes / BlockBytes);
        while (_firstOpen < Count && _firstOpen - first < max && _states[_firstOpen] == BlockState.Open)
        {
            _states[_firstOpen++] = BlockState.Taken;
        }

        BytesOpen -= EndOf(_firstOpen - 1) - StartOf(first);
        return (StartOf(first), EndOf(_firstOpen - 1));
    }

    /// <summary>A block is on disk and has this hash.</summary>
    public void Complete(int block, UInt128 hash, bool provisional)
    {
        SetState(block, provisional ? BlockState.Provisional : BlockState.Confirmed);
        _hashes[block] = hash;
        _completeBefore[block] = _nextFlush;
    }

    /// <summary>A block is not right: the worker that took it fetches it again, or it is open.</summary>
    public void Invalidate(int block, bool taken)
    {
        SetState(block, taken ? BlockState.Taken : BlockState.Open);
        _firstOpen = taken ? _firstOpen : Math.Min(_firstOpen, block);
        _firstIncomplete = Math.Min(_firstIncomplete, block);
    }

    /// <summary>The response that brought a provisional block has ended as it must.</summary>
    public void Confirm(int block)
    {
        if (_states[block] == BlockState.Provisional)
        {
            SetState(block, BlockState.Confirmed);
        }
    }

    /// <summary>Something among the complete blocks is wrong, and only the hash of the whole blob can tell that it no longer is.</summary>
    public void MakeAllProvisional()
    {
        for (int block = 0; block < Count; block++)
        {
            if (_states[block] == BlockState.Confirmed)
            {
                SetState(block, BlockState.Provisional);
            }
        }
    }

    /// <summary>Blocks that workers took and did not complete are open again. No worker is running.</summary>
    /// <returns>Whether there were any.</returns>
    public bool ReopenTaken()
    {
        bool any = false;
        for (int block = 0; block < Count; block++)
        {
            if (_states[block] == BlockState.Taken)
            {
                SetState(block, BlockState.Open);
                _firstOpen = Math.Min(_firstOpen, block);
                any = true;
            }
        }

        return any;
    }

    /// <summary>Whether a block is complete.</summary>
    public bool IsComplete(int block) => _states[block] >= BlockState.Provisional;

    /// <summary>Whether a block is complete, and the response that brought it has ended as it must.</summary>
    public bool IsConfirmed(int block) => _states[block] == BlockState.Confirmed;

    /// <summary>The hash of a complete block.</summary>
    public UInt128 HashOf(int block) => _hashes[block];

    /// <summary>A flush of the file begins.</summary>
    /// <returns>Its number, for <see cref="Flushed"/>.</returns>
    public int BeginFlush() => _nextFlush++;

    /// <summary>The flush of this number has succeeded.</summary>
    public void Flushed(int flush) => _lastFlushed = flush;

    /// <summary>The blocks that are complete, but may not be on the disk yet.</summary>
    public IReadOnlyList<int> Unflushed() => [.. Enumerable.Range(0, Count).Where(block => IsComplete(block) && _completeBefore[block] > _lastFlushed)];

    /// <summary>First byte of the first block that is not complete, or the length of the blob if all are.</summary>
    public long FirstGap()
    {
        while (_firstIncomplete < Count && IsComplete(_firstIncomplete))
        {
            _firstIncomplete++;
        }

        return _firstIncomplete == Count ? Size : StartOf(_firstIncomplete);
    }

    private void SetState(int block, BlockState state)
    {
        BlockState old = _states[block];
        long length = EndOf(block) - StartOf(block);
        BytesComplete += Change(state >= BlockState.Provisional, old >= BlockState.Provisional) * length;
        BytesOpen += Change(state == BlockState.Open, old == BlockState.Open) * length;
        _provisionalCount += Change(state == BlockState.Provisional, old == BlockState.Provisional);
        _states[block] = state;

        static int Change(bool now, bool before) => (now ? 1 : 0) - (before ? 1 : 0);
    }
}
