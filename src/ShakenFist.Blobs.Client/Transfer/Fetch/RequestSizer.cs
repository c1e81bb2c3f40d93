namespace ShakenFist.Blobs.Transfer;

/// <summary>
/// Calculates the size of requests. The server limits a request to 30 s, including sending the response. Requests are sized to complete well within that time at the
/// measured rate. A server that does not support <c>limit</c> sends all remaining data. All workers of a transfer share one instance.
/// </summary>
internal sealed class RequestSizer(SfTransportOptions options, SfTransferLimits limits, TimeSpan latency)
{
    private const long First = 16 * 1024 * 1024;
    private const long Min = 1024 * 1024;
    private const long Max = 64 * 1024 * 1024;
    private const double TargetSeconds = 8;

    // A shorter response can't be distinguished from an error.
    private const long MinLimited = 16 * 1024;

    // Without limit, each work range ends by closing a connection in the middle of a response, so there should be few of them.
    private const int RequestsWithoutLimit = 4;

    // A work range should take this many times the latency of its request.
    private const double MinLatencies = 8;

    // The rate that is assumed before the first measurement. If it is too high, the server ends the first responses after its time limit, and the transfer resumes
    // without loss.
    private const double AssumedRate = 256 * 1024 * 1024;

    // A blob of up to this length is one work range, and no range is shorter than half of it, because a connection takes time to reach its full rate.
    private const long OneRange = 16 * 1024 * 1024;

    private readonly long _min = Math.Min(Min, RateSize(limits) ?? Min);
    private readonly long _max = Math.Min(Max, RateSize(limits) ?? Max);
    private readonly object _lock = new();
    private long _size = options.RequestBytes ?? Math.Min(FirstSize(latency), RateSize(limits) ?? Max);
    private double _bytesPerLatency = AssumedRate * latency.TotalSeconds;

    /// <summary>Returns the number of bytes to request if <paramref name="rest"/> bytes are left.</summary>
    public long Next(long rest, ServerBehaviour behaviour)
    {
        lock (_lock)
        {
            return behaviour.UsesLimit ? Math.Min(_size, rest) : rest;
        }
    }

    /// <summary>
    /// Returns the length of the next work range. Ranges become shorter towards the end, so that all workers finish at the same time. If the latency is high compared
    /// with the transfer time, there are only as many requests as workers.
    /// </summary>
    /// <param name="left">Bytes that no worker has taken yet.</param>
    /// <param name="due">Bytes that are not complete yet, including those that workers have taken.</param>
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

    /// <summary>Whether this number of bytes is enough for more than one connection.</summary>
    public bool IsWorthSharing(long bytes) => options.BlockBytes is { } part ? bytes > part : bytes > OneRange;

    /// <summary>Records a complete response. For a server that reads all data into memory first, the size never rises above the initial size.</summary>
    /// <param name="bytes">The length of the response.</param>
    /// <param name="elapsed">Time from the request to its last byte.</param>
    /// <param name="latency">Time from the request to the response headers.</param>
    /// <param name="buffered">Whether the server read all data into memory first.</param>
    public void Completed(long bytes, TimeSpan elapsed, TimeSpan latency, bool buffered)
    {
        double wanted = bytes / Math.Max(elapsed.TotalSeconds, 0.001) * TargetSeconds;
        long largest = buffered ? Math.Min(First, _max) : _max;
        lock (_lock)
        {
            // In short requests, such as those at the ends of ranges, latency dominates. They can show that the size should fall, but not that it should rise.
            bool tells = bytes >= _size || (wanted < _size && bytes >= _min);
            _bytesPerLatency = tells ? bytes * latency.TotalSeconds / Math.Max((elapsed - latency).TotalSeconds, 0.001) : _bytesPerLatency;
            _size = options.RequestBytes ?? (tells ? (long)Math.Clamp(wanted, _min, largest) : _size);
        }
    }

    /// <summary>Records that a request failed or returned too little data, and reduces the size.</summary>
    public void Failed()
    {
        lock (_lock)
        {
            _size = options.RequestBytes ?? Math.Max(_size / 2, _min);
        }
    }

    private static long FirstSize(TimeSpan latency) => (long)Math.Clamp(AssumedRate * latency.TotalSeconds * MinLatencies, First, Max);

    /// <summary>Returns the number of bytes that the rate limit allows in the target time of a request.</summary>
    private static long? RateSize(SfTransferLimits limits) =>
        limits.BytesPerSecond is { } rate ? (long)Math.Clamp(rate * TargetSeconds / Math.Min(limits.Connections, SfTransferLimits.DefaultConnections), MinLimited, Max) : null;
}
