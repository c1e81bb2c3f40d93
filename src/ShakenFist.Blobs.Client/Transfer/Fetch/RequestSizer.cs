namespace ShakenFist.Blobs.Transfer;

/// <summary>
/// How much to request at once. The server allows a request 30 s in all, the sending of the response included, so requests are sized to end well inside that at the rate
/// observed. A server that does not know <c>limit</c> is asked for all the rest. Shared by the workers of a transfer.
/// </summary>
internal sealed class RequestSizer(SfTransportOptions options, SfTransferLimits limits, TimeSpan latency)
{
    private const long First = 16 * 1024 * 1024;
    private const long Min = 1024 * 1024;
    private const long Max = 64 * 1024 * 1024;
    private const double TargetSeconds = 8;

    // Less than this cannot be told from an error.
    private const long MinLimited = 16 * 1024;

    // Each work range ends with a connection that is closed in the middle of a response: there should be few of them.
    private const int RequestsWithoutLimit = 4;

    // A work range should take this many times as long as the latency of its request.
    private const double MinLatencies = 8;

    // Until a request has shown the rate, it is assumed to be high. If it is not, the first responses are cut off at the end of the server's time, and nothing of them
    // is lost.
    private const double AssumedRate = 256 * 1024 * 1024;

    // A blob of this length is one work range, and no range is shorter than half of it: a connection takes time to reach its full rate.
    private const long OneRange = 16 * 1024 * 1024;

    private readonly long _min = Math.Min(Min, RateSize(limits) ?? Min);
    private readonly long _max = Math.Min(Max, RateSize(limits) ?? Max);
    private readonly object _lock = new();
    private long _size = options.RequestBytes ?? Math.Min(FirstSize(latency), RateSize(limits) ?? Max);
    private double _bytesPerLatency = AssumedRate * latency.TotalSeconds;

    /// <summary>Bytes to request if <paramref name="rest"/> bytes are left.</summary>
    public long Next(long rest, ServerBehaviour behaviour)
    {
        lock (_lock)
        {
            return behaviour.UsesLimit ? Math.Min(_size, rest) : rest;
        }
    }

    /// <summary>
    /// Bytes of a work range: fewer when fewer are left, so that all workers end together. If the latency is high, each request costs as much time as many bytes: then there
    /// are as few requests as workers.
    /// </summary>
    /// <param name="left">Bytes that no worker has taken yet.</param>
    /// <param name="due">Those, and what others have taken and not completed yet.</param>
    /// <param name="workers">Number of workers.</param>
    /// <param name="behaviour">How the server answers.</param>
    public long RangeBytes(long left, long due, int workers, ServerBehaviour behaviour)
    {
        lock (_lock)
        {
            long min = options.BlockBytes ?? OneRange / 2;
            long max = Math.Max(_size, options.BlockBytes ?? 0) * (behaviour.UsesLimit ? 1 : RequestsWithoutLimit);
            long fair = Math.Max(left / (2 * workers), Math.Min((due + workers - 1) / workers, (long)(_bytesPerLatency * MinLatencies)));
            return Math.Max(min, Math.Min(max, fair));
        }
    }

    /// <summary>Whether so many bytes are worth more than one connection.</summary>
    public bool IsWorthSharing(long bytes) => options.BlockBytes is { } part ? bytes > part : bytes > OneRange;

    /// <summary>A request was answered completely. A server that reads all of the data into memory first is not asked for more at once than at the beginning.</summary>
    /// <param name="bytes">The length of the response.</param>
    /// <param name="elapsed">Time from the request to its last byte.</param>
    /// <param name="latency">Time from the request to the head of the response.</param>
    /// <param name="buffered">The server had all of it in memory.</param>
    public void Completed(long bytes, TimeSpan elapsed, TimeSpan latency, bool buffered)
    {
        double wanted = bytes / Math.Max(elapsed.TotalSeconds, 0.001) * TargetSeconds;
        long largest = buffered ? Math.Min(First, _max) : _max;
        lock (_lock)
        {
            // Short requests, as at the ends of ranges, consist of latency: they show when to request less, but not when to request more.
            bool tells = bytes >= _size || (wanted < _size && bytes >= _min);
            _bytesPerLatency = tells ? bytes * latency.TotalSeconds / Math.Max((elapsed - latency).TotalSeconds, 0.001) : _bytesPerLatency;
            _size = options.RequestBytes ?? (tells ? (long)Math.Clamp(wanted, _min, largest) : _size);
        }
    }

    /// <summary>A request failed or returned too little: request less.</summary>
    public void Failed()
    {
        lock (_lock)
        {
            _size = options.RequestBytes ?? Math.Max(_size / 2, _min);
        }
    }

    private static long FirstSize(TimeSpan latency) => (long)Math.Clamp(AssumedRate * latency.TotalSeconds * MinLatencies, First, Max);

    /// <summary>What a limited rate returns in the time that a request should take.</summary>
    private static long? RateSize(SfTransferLimits limits) =>
        limits.BytesPerSecond is { } rate ? (long)Math.Clamp(rate * TargetSeconds / Math.Min(limits.Connections, SfTransferLimits.DefaultConnections), MinLimited, Max) : null;
}
