namespace ShakenFist.Blobs.Transfer;

/// <summary>
/// Consecutive blocks that one worker fetches. It writes the bytes to the temporary file and completes each block with its hash. A block that is received in one piece
/// is hashed in memory. Other blocks are read back.
/// </summary>
internal sealed class WorkRange : IDataTarget
{
    private readonly PartialDownload _owner;
    private readonly BlockHasher _hasher;
    private readonly int _first;
    private readonly int _end;

    // Hashes of blocks that were received in one piece.
    private readonly Dictionary<int, UInt128> _hashes = [];
    private int _next;
    private int _firstUndecided;
    private long _written;

    // First byte that was written since bytes were last validated.
    private long _writtenFrom = long.MaxValue;
    private long _received;

    // End of the last bytes whose response did not end as expected.
    private long _unconfirmedEnd;

    /// <param name="owner">The download.</param>
    /// <param name="from">First byte, at the start of a block.</param>
    /// <param name="to">First byte after the range, at the end of a block.</param>
    /// <param name="hasher">The hasher of the worker.</param>
    public WorkRange(PartialDownload owner, long from, long to, BlockHasher hasher)
    {
        _owner = owner;
        _hasher = hasher;
        From = _written = _received = _unconfirmedEnd = from;
        To = to;
        _first = _next = _firstUndecided = owner.BlockAt(from);
        _end = owner.BlockAt(to - 1) + 1;
    }

    /// <summary>First byte of the range.</summary>
    public long From { get; }

    /// <summary>First byte after the range.</summary>
    public long To { get; }

    /// <summary>
    /// First byte of the range that the hasher must not read yet. Until the range is complete, its last bytes may be requested and written again, together with some
    /// bytes before them. A hasher that had already read them would have to start over.
    /// </summary>
    public long Watermark => Interlocked.Read(ref _received) is var received && received >= To ? received : Math.Min(received, Math.Max(From, To - DataRequest.MaxErrorBytes));

    public void Write(ReadOnlySpan<byte> bytes, long offset)
    {
        InvalidateFrom(offset);
        _writtenFrom = Math.Min(_writtenFrom, offset);
        _owner.Write(bytes, offset, unwritten: offset >= _written);
        _written = Math.Max(_written, offset + bytes.Length);
        int block = _owner.BlockAt(offset);
        if (offset == _owner.StartOf(block) && offset + bytes.Length == _owner.EndOf(block))
        {
            _hashes[block] = _hasher.Hash(bytes);
            return;
        }

        for (; block < _end && _owner.StartOf(block) < offset + bytes.Length; block++)
        {
            _hashes.Remove(block);
        }
    }

    public int Read(Span<byte> bytes, long offset) => _owner.Read(bytes, offset);

    public void Received(long position)
    {
        // Only the hash of the whole blob can verify the data of this response later.
        if (_owner.HasFinalHash)
        {
            Interlocked.Exchange(ref _received, position);
            Complete(position, early: true);
            _owner.RangeMoved();
        }
    }

    public void Validated(long position, bool confirmed)
    {
        Interlocked.Exchange(ref _received, position);
        InvalidateFrom(position);
        _unconfirmedEnd = _writtenFrom < position && !confirmed ? position : Math.Min(_unconfirmedEnd, position);
        _writtenFrom = long.MaxValue;
        int early = _next;
        Complete(position, early: false);
        int first = Math.Max(_firstUndecided, _owner.BlockAt(_unconfirmedEnd - 1 + _owner.BlockBytes));
        if (first < early)
        {
            _owner.ConfirmBlocks(first, early - 1);
        }

        _firstUndecided = _next;
        _owner.RangeMoved();
    }

    private void InvalidateFrom(long position)
    {
        while (_next > _first && _owner.EndOf(_next - 1) > position)
        {
            _owner.InvalidateBlock(--_next, taken: true);
        }

        _firstUndecided = Math.Min(_firstUndecided, _next);
    }

    private void Complete(long position, bool early)
    {
        for (; _next < _end && _owner.EndOf(_next) <= position; _next++)
        {
            UInt128 hash = _hashes.Remove(_next, out UInt128 known) ? known : _owner.HashBlock(_next, _hasher, CancellationToken.None)
                ?? throw new SfException(SfErrors.TargetChanged, $"Another process truncated '{_owner.Path}' while it was being written.");
            _owner.CompleteBlock(_next, hash, provisional: early || _owner.StartOf(_next) < _unconfirmedEnd);
        }
    }
}
