namespace ShakenFist.Blobs.Transfer;

/// <summary>
/// How much to ask for at once. The server allows a request 30 s in all, reading included, so windows are sized to end well inside that at the rate observed.
/// A server that does not know <c>limit</c> is asked for all the rest, and cut off or resumed as need be. Shared by the workers of a transfer.
/// </summary>
internal sealed class WindowPlan(bool serverKnowsLimit, SfTransportOptions options, SfTransferLimits limits, TimeSpan latency)
{
    private const long First = 16 * 1024 * 1024;
    private const long Smallest = 1024 * 1024;
    private const long Largest = 64 * 1024 * 1024;
    private const double TargetSeconds = 8;

    // Less than this cannot be told from an error.
    private const long SmallestCapped = 16 * 1024;

    // Each range ends with a connection that is closed in the middle of an answer: there should be few of them.
    private const int WindowsWithoutLimit = 4;

    // A range should take this many times as long as its request is on its way.
    private const double WorthOfARequest = 8;

    // Until a window has told how fast the way is, it is taken for a wide one: where it is not, the first windows are cut off at the end of the server's time, and
    // nothing of them is lost.
    private const double PresumedRate = 256 * 1024 * 1024;

    // A blob of so little is asked for at once, and no range is shorter than half of it: a connection takes its time to gather speed.
    private const long OneRange = 16 * 1024 * 1024;

    private readonly long _smallest = Math.Min(Smallest, Capped(limits) ?? Smallest);
    private readonly long _largest = Math.Min(Largest, Capped(limits) ?? Largest);
    private readonly object _gate = new();
    private long _window = options.WindowBytes ?? Math.Min(FirstWindow(latency), Capped(limits) ?? Largest);
    private double _bytesPerLatency = PresumedRate * latency.TotalSeconds;

    /// <summary>Whether <c>limit</c> is sent.</summary>
    public bool UsesLimit { get; private set; } = serverKnowsLimit;

    /// <summary>Whether the server has said that it knows <c>limit</c>, and has ignored it.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>Bytes to ask for where <paramref name="rest"/> bytes are left.</summary>
    public long Next(long rest)
    {
        lock (_gate)
        {
            return UsesLimit ? Math.Min(_window, rest) : rest;
        }
    }

    /// <summary>
    /// Bytes for a worker to take on: the fewer are left, the fewer, so that all workers end together. Where the way is long, each request costs as much time as
    /// many bytes: then there are as few requests as workers.
    /// </summary>
    /// <param name="left">Bytes that nobody has taken yet.</param>
    /// <param name="due">Those, and what others have taken and not brought yet.</param>
    /// <param name="workers">Those who share them.</param>
    public long Range(long left, long due, int workers)
    {
        lock (_gate)
        {
            long least = options.PartBytes ?? OneRange / 2;
            long most = Math.Max(_window, options.PartBytes ?? 0) * (UsesLimit ? 1 : WindowsWithoutLimit);
            long fair = Math.Max(left / (2 * workers), Math.Min((due + workers - 1) / workers, (long)(_bytesPerLatency * WorthOfARequest)));
            return Math.Max(least, Math.Min(most, fair));
        }
    }

    /// <summary>Whether so many bytes are worth more than one connection.</summary>
    public bool IsWorthSharing(long bytes) => options.PartBytes is { } part ? bytes > part : bytes > OneRange;

    /// <summary>A window came whole in this time. A server that reads all of it into its memory first is not asked for more at once than at the beginning.</summary>
    /// <param name="bytes">Its length.</param>
    /// <param name="elapsed">Time from the request to its last byte.</param>
    /// <param name="latency">Time from the request to the head of the answer.</param>
    /// <param name="buffered">The server had all of it in its memory.</param>
    public void Completed(long bytes, TimeSpan elapsed, TimeSpan latency, bool buffered)
    {
        double wanted = bytes / Math.Max(elapsed.TotalSeconds, 0.001) * TargetSeconds;
        long largest = buffered ? Math.Min(First, _largest) : _largest;
        lock (_gate)
        {
            // Short windows, as at the ends of ranges, spend their time on the way: they tell when to ask for less, but not when for more.
            bool tells = bytes >= _window || (wanted < _window && bytes >= _smallest);
            _bytesPerLatency = tells ? bytes * latency.TotalSeconds / Math.Max((elapsed - latency).TotalSeconds, 0.001) : _bytesPerLatency;
            _window = options.WindowBytes ?? (tells ? (long)Math.Clamp(wanted, _smallest, largest) : _window);
        }
    }

    /// <summary>A window came short or not at all: ask for less.</summary>
    public void Failed()
    {
        lock (_gate)
        {
            _window = options.WindowBytes ?? Math.Max(_window / 2, _smallest);
        }
    }

    /// <summary>The server sent more than the limit: it does not honour it.</summary>
    public void LimitIgnored()
    {
        IsBroken |= UsesLimit;
        UsesLimit = false;
    }

    private static long FirstWindow(TimeSpan latency) => (long)Math.Clamp(PresumedRate * latency.TotalSeconds * WorthOfARequest, First, Largest);

    /// <summary>What a capped rate brings in the time that a window should take.</summary>
    private static long? Capped(SfTransferLimits limits) =>
        limits.BytesPerSecond is { } rate ? (long)Math.Clamp(rate * TargetSeconds / Math.Min(limits.Connections, SfTransferLimits.DefaultConnections), SmallestCapped, Largest) : null;
}
