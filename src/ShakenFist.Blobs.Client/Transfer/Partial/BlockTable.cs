namespace ShakenFist.Blobs.Transfer;

/// <summary>
/// Records which blocks of a blob are on the disk. All blocks have the same length, except the last one. A block is open, taken by a worker, or complete with a hash. A
/// complete block is provisional until its response has ended as expected. Not thread-safe: the owner must hold its lock.
/// </summary>
internal sealed class BlockTable
{
    private const long MinBlockBytes = 1024 * 1024;

    /// <summary>Maximum length of a block. One block is held in memory when a blob is repaired.</summary>
    public const long MaxBlockBytes = 32 * 1024 * 1024;

    /// <summary>
    /// Maximum number of blocks. With this number, the table and the journal take a few hundred MB. With the longest blocks, it is enough for 128 TiB, which is more
    /// than any file system supports.
    /// </summary>
    public const int MaxCount = 4 * 1024 * 1024;

    // More blocks than this only make the journal longer.
    private const long EnoughBlocks = 65536;

    private readonly BlockState[] _states;
    private readonly UInt128[] _hashes;

    // Flushes are numbered. Blocks that were complete when a flush began are on the disk when it has succeeded.
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

    /// <summary>Length of a block in bytes. The last block can be shorter.</summary>
    public long BlockBytes { get; }

    /// <summary>Number of blocks of the blob.</summary>
    public int Count { get; }

    /// <summary>Bytes of the complete blocks.</summary>
    public long BytesComplete { get; private set; }

    /// <summary>Bytes of the blocks that no worker has taken yet.</summary>
    public long BytesOpen { get; private set; }

    /// <summary>Whether any complete block is provisional.</summary>
    public bool HasProvisional => _provisionalCount > 0;

    /// <summary>Returns the block length for a blob: 1 MiB, or more if there would be too many blocks.</summary>
    public static long BlockBytesFor(long size)
    {
        long block = MinBlockBytes;
        while (block < MaxBlockBytes && size / block > EnoughBlocks)
        {
            block *= 2;
        }

        return block;
    }

    /// <summary>Returns the number of blocks of this length in a blob.</summary>
    public static long CountFor(long size, long blockBytes) => (size / blockBytes) + (size % blockBytes > 0 ? 1 : 0);

    /// <summary>Returns the first byte of a block.</summary>
    public long StartOf(int block) => block * BlockBytes;

    /// <summary>Returns the first byte after a block.</summary>
    public long EndOf(int block) => block == Count - 1 ? Size : StartOf(block + 1);

    /// <summary>Returns the block that contains a byte.</summary>
    public int BlockAt(long offset) => (int)(offset / BlockBytes);

    /// <summary>Takes the next consecutive open blocks, up to this number of bytes but at least one block. Null if none is open.</summary>
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

    /// <summary>Marks a block as complete, with its hash.</summary>
    public void Complete(int block, UInt128 hash, bool provisional)
    {
        SetState(block, provisional ? BlockState.Provisional : BlockState.Confirmed);
        _hashes[block] = hash;
        _completeBefore[block] = _nextFlush;
    }

    /// <summary>Marks a block as not complete. It is either fetched again by the worker that took it, or open.</summary>
    public void Invalidate(int block, bool taken)
    {
        SetState(block, taken ? BlockState.Taken : BlockState.Open);
        _firstOpen = taken ? _firstOpen : Math.Min(_firstOpen, block);
        _firstIncomplete = Math.Min(_firstIncomplete, block);
    }

    /// <summary>Marks a provisional block as confirmed.</summary>
    public void Confirm(int block)
    {
        if (_states[block] == BlockState.Provisional)
        {
            SetState(block, BlockState.Confirmed);
        }
    }

    /// <summary>Makes all complete blocks provisional, because one of them is damaged and only the hash of the whole blob can verify them.</summary>
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

    /// <summary>Reopens blocks that workers took and did not complete. No worker must be running.</summary>
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

    /// <summary>Whether a block is complete, and its response has ended as expected.</summary>
    public bool IsConfirmed(int block) => _states[block] == BlockState.Confirmed;

    /// <summary>Returns the hash of a complete block.</summary>
    public UInt128 HashOf(int block) => _hashes[block];

    /// <summary>Records the start of a flush.</summary>
    /// <returns>The number of the flush, for <see cref="Flushed"/>.</returns>
    public int BeginFlush() => _nextFlush++;

    /// <summary>Records that a flush has succeeded.</summary>
    public void Flushed(int flush) => _lastFlushed = flush;

    /// <summary>Returns the complete blocks that may not be on the disk yet.</summary>
    public IReadOnlyList<int> Unflushed() => [.. Enumerable.Range(0, Count).Where(block => IsComplete(block) && _completeBefore[block] > _lastFlushed)];

    /// <summary>Returns the first byte of the first block that is not complete, or the length of the blob if all are complete.</summary>
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
