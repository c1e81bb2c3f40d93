using ShakenFist.Blobs.Http;

namespace ShakenFist.Blobs.Transfer;

/// <summary>What all requests for the data of one blob share.</summary>
internal sealed class DownloadContext
{
    private readonly List<string> _failedRequestIds = [];
    private readonly object _lock = new();
    private ServerBehaviour _behaviour;
    private int _requestCount;
    private int _resumeCount;
    private volatile bool _hasReceived;

    public DownloadContext(SfSession session, Guid uuid, long size, SfTransferLimits limits, RetryClock retry, DownloadProgress progress, ISfLog log)
    {
        Session = session;
        Uuid = uuid;
        Size = size;
        Limits = limits;
        Retry = retry;
        Progress = progress;
        Log = log;
        Sizer = new RequestSizer(session.Options, limits, session.Latency);
        _behaviour = new ServerBehaviour(session.Capabilities.Has("blob-data-limit"));
    }

    public SfSession Session { get; }

    public Guid Uuid { get; }

    /// <summary>Length of the blob in bytes.</summary>
    public long Size { get; }

    public SfTransferLimits Limits { get; }

    /// <summary>Decides when the transfer is given up.</summary>
    public RetryClock Retry { get; }

    public DownloadProgress Progress { get; }

    public ISfLog Log { get; }

    /// <summary>How much to request at once.</summary>
    public RequestSizer Sizer { get; }

    /// <summary>Whether the hash of the whole blob will tell in the end what is wrong.</summary>
    public bool HasFinalHash { get; init; }

    /// <summary>
    /// Whether data without a final hash is believed only if the end of the blob has been seen behind it, when the server knows no limit. A single range of a blob is
    /// checked otherwise.
    /// </summary>
    public bool ReadsToEnd { get; init; }

    /// <summary>How the server answers.</summary>
    public ServerBehaviour Behaviour
    {
        get
        {
            lock (_lock)
            {
                return _behaviour;
            }
        }
    }

    /// <summary>Data requests made.</summary>
    public int RequestCount => Volatile.Read(ref _requestCount);

    /// <summary>How often a range was resumed at the last byte received.</summary>
    public int ResumeCount => Volatile.Read(ref _resumeCount);

    /// <summary>Whether the cluster has returned data of this blob.</summary>
    public bool HasReceived => _hasReceived;

    /// <summary>IDs of the data requests that failed or returned too little.</summary>
    public IList<string> FailedRequestIds
    {
        get
        {
            lock (_lock)
            {
                return [.. _failedRequestIds];
            }
        }
    }

    /// <summary>The server behaves otherwise than was known.</summary>
    public void Learn(Func<ServerBehaviour, ServerBehaviour> change)
    {
        lock (_lock)
        {
            _behaviour = change(_behaviour);
        }
    }

    /// <summary>Requests data from <paramref name="offset"/> on. All the rest if <paramref name="limit"/> is null. The transfer itself decides about repetitions.</summary>
    public async Task<ApiAnswer> RequestAsync(long offset, long? limit, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _requestCount);
        ApiRequest request = new(HttpMethod.Get, Session.Routes.BlobData(Uuid, offset, limit))
        {
            Subject = $"get the data of blob {Uuid:D}",
            NotFound = SfErrors.BlobDataMissing,
            SingleAttempt = true,
        };
        try
        {
            return await Session.SendAsync(request, Log, cancellationToken).ConfigureAwait(false);
        }
        catch (SfException e) when (e.StatusCode is 429 or 503 or 504 or 507 || (e.StatusCode is null && e.Error == SfErrors.RequestTimeout))
        {
            Limits.OnThrottled();
            throw;
        }
    }

    public void CountResume() => Interlocked.Increment(ref _resumeCount);

    public void MarkReceived() => _hasReceived = true;

    public void AddFailed(string requestId)
    {
        lock (_lock)
        {
            _failedRequestIds.Add(requestId);
        }
    }
}
