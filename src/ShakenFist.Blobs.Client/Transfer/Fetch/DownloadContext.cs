using ShakenFist.Blobs.Http;

namespace ShakenFist.Blobs.Transfer;

/// <summary>The state that all data requests for one blob share.</summary>
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

    /// <summary>Decides when the transfer fails.</summary>
    public RetryClock Retry { get; }

    public DownloadProgress Progress { get; }

    public ISfLog Log { get; }

    /// <summary>Calculates the size of requests.</summary>
    public RequestSizer Sizer { get; }

    /// <summary>Whether the data is verified at the end with the hash of the whole blob.</summary>
    public bool HasFinalHash { get; init; }

    /// <summary>
    /// Whether data without a final hash is accepted only if the response was read to the end of the blob. Applies to servers that do not support <c>limit</c>. False
    /// for a single range of a blob, which is verified in another way.
    /// </summary>
    public bool ReadsToEnd { get; init; }

    /// <summary>The known behavior of the server.</summary>
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

    /// <summary>Number of data requests.</summary>
    public int RequestCount => Volatile.Read(ref _requestCount);

    /// <summary>Number of times that a range was resumed at the last received byte.</summary>
    public int ResumeCount => Volatile.Read(ref _resumeCount);

    /// <summary>Whether the cluster has returned data of this blob.</summary>
    public bool HasReceived => _hasReceived;

    /// <summary>IDs of the data requests that failed or returned too little data.</summary>
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

    /// <summary>Updates the known behavior of the server.</summary>
    public void Learn(Func<ServerBehaviour, ServerBehaviour> change)
    {
        lock (_lock)
        {
            _behaviour = change(_behaviour);
        }
    }

    /// <summary>
    /// Requests data from <paramref name="offset"/>. If <paramref name="limit"/> is null, requests all remaining data. The request is not retried here: the transfer
    /// decides about that.
    /// </summary>
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
