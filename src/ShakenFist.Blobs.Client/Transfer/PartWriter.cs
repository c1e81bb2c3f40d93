namespace ShakenFist.Blobs.Transfer;

/// <summary>
/// Takes the bytes of a range, in one worker's hands: writes them, and when a part is whole, notes it with its hash. A part that came in one block is hashed as it
/// passes, any other is read back.
/// </summary>
/// <param name="file">Where they go.</param>
/// <param name="map">The parts of the blob.</param>
/// <param name="hasher">This worker's own.</param>
/// <param name="log">Told of each part.</param>
/// <param name="early">
/// Note parts while their answer is still coming. It may turn out to be something else, which a stop just then would leave noted: only for blobs whose hash will tell.
/// </param>
internal sealed class PartWriter(PartialFile file, PartMap map, PartHasher hasher, IPartLog log, bool early) : IWindowTarget
{
    private readonly Dictionary<int, UInt128> _hashed = [];
    private int _next;
    private long _written;

    /// <summary>First byte of the range that is not known to be right yet.</summary>
    private long _reached;

    /// <summary>
    /// First byte of the range that is not known to be right, as far as others may go. Until the range is whole, its last few bytes may have to be asked for once more,
    /// with some before them, and are written anew then: whoever had hashed them would have to begin at the first byte again.
    /// </summary>
    public long Position => Interlocked.Read(ref _reached) is var reached && reached >= End ? reached : Math.Min(reached, Math.Max(Start, End - WindowFetch.LargestError));

    /// <summary>First byte of the range.</summary>
    public long Start { get; private set; }

    /// <summary>First byte after the range.</summary>
    public long End { get; private set; }

    /// <summary>Begins a range, which begins where a part does.</summary>
    public void Begin(long from, long to)
    {
        Interlocked.Exchange(ref _reached, from);
        Start = from;
        End = to;
        _hashed.Clear();
        _next = (int)(from / map.PartBytes);
        _written = from;
    }

    public void Write(ReadOnlySpan<byte> bytes, long offset)
    {
        file.Write(bytes, offset, fresh: offset >= _written);
        _written = Math.Max(_written, offset + bytes.Length);
        int part = (int)(offset / map.PartBytes);
        if (offset == map.StartOf(part) && offset + bytes.Length == map.EndOf(part))
        {
            _hashed[part] = hasher.Hash(bytes);
            return;
        }

        for (; part < map.Count && map.StartOf(part) < offset + bytes.Length; part++)
        {
            _hashed.Remove(part);
        }
    }

    public int Read(Span<byte> bytes, long offset) => file.Read(bytes, offset);

    public void Reached(long position)
    {
        if (early)
        {
            Accepted(position);
        }
    }

    public void Accepted(long position)
    {
        Interlocked.Exchange(ref _reached, position);
        while (_next > Start / map.PartBytes && map.EndOf(_next - 1) > position)
        {
            _next--;
            map.Forget(_next, taken: true);
            log.Forgotten(_next);
        }

        while (_next < map.Count && map.EndOf(_next) <= Math.Min(position, End))
        {
            UInt128 hash = _hashed.Remove(_next, out UInt128 known) ? known : hasher.Hash(file, map.StartOf(_next), map.EndOf(_next), CancellationToken.None)
                ?? throw new SfException(SfErrors.FileFailed, $"'{file.Path}' became shorter while it was being written.");
            log.Completed(_next, hash);
            map.Complete(_next, hash);
            _next++;
        }

        log.Moved();
    }
}

/// <summary>Told what becomes of parts, by any worker.</summary>
internal interface IPartLog
{
    /// <summary>A part is there.</summary>
    void Completed(int part, UInt128 hash);

    /// <summary>A part that was there is not.</summary>
    void Forgotten(int part);

    /// <summary>A worker's range has grown or shrunk.</summary>
    void Moved();
}
