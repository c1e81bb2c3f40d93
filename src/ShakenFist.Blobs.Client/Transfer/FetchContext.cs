using ShakenFist.Blobs.Http;

namespace ShakenFist.Blobs.Transfer;

/// <summary>What all requests for one blob's data share.</summary>
internal sealed class FetchContext(SfSession session, Guid uuid, long size, SfTransferLimits limits, DownloadProgress progress, ISfLog log)
{
    private readonly List<string> _failedRequestIds = [];
    private int _requestCount;
    private int _resumeCount;

    public SfSession Session => session;

    public Guid Uuid => uuid;

    /// <summary>Length of the blob in bytes.</summary>
    public long Size => size;

    public SfTransferLimits Limits => limits;

    public DownloadProgress Progress => progress;

    public ISfLog Log => log;

    /// <summary>How much to ask for at once.</summary>
    public WindowPlan Plan { get; } = new(session.Capabilities.Has("blob-data-limit"), session.Options, limits, session.Latency);

    /// <summary>
    /// Whether a range that ends before the blob may be asked for by its offset alone. Where a server once begins elsewhere than it was told to, only the end of the
    /// blob shows it, or the hash of the whole.
    /// </summary>
    public bool TrustsOffset { get; set; } = true;

    /// <summary>Whether the hash of the whole will show in the end what is wrong.</summary>
    public bool IsProven { get; set; }

    /// <summary>Data requests made.</summary>
    public int RequestCount => Volatile.Read(ref _requestCount);

    /// <summary>How often a range went on at the byte reached.</summary>
    public int ResumeCount => Volatile.Read(ref _resumeCount);

    /// <summary>Request ids of data requests that failed or brought too little.</summary>
    public IList<string> FailedRequestIds
    {
        get
        {
            lock (_failedRequestIds)
            {
                return [.. _failedRequestIds];
            }
        }
    }

    /// <summary>Asks for data from <paramref name="offset"/> on; for all the rest where <paramref name="limit"/> is null.</summary>
    public Task<ApiAnswer> RequestAsync(long offset, long? limit, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _requestCount);
        ApiRequest request = new(HttpMethod.Get, session.Routes.BlobData(uuid, offset, limit))
        {
            Subject = $"The data of blob {uuid:D}",
            NotFound = SfErrors.BlobDataMissing,
            PushedBack = limits.OnThrottled,
        };
        return session.SendAsync(request, log, cancellationToken);
    }

    public void CountResume() => Interlocked.Increment(ref _resumeCount);

    public void AddFailed(string requestId)
    {
        lock (_failedRequestIds)
        {
            _failedRequestIds.Add(requestId);
        }
    }
}
