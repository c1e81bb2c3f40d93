using ShakenFist.Blobs.Http;

namespace ShakenFist.Blobs.Transfer;

/// <summary>The state that all data requests for one blob share.</summary>
internal sealed class DownloadContext
{
    private readonly List<string> _failedRequestIds = [];
    private readonly object _lock = new();

    // The offsets of all requests for data, in order.
    private readonly SortedSet<long> _offsets = [];
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

    /// <summary>Creates the context of a second download, whose bytes are compared with those of the first. Its requests count as requests of the first one.</summary>
    public DownloadContext(DownloadContext first)
        : this(first.Session, first.Uuid, first.Size, first.Limits, first.Retry, first.Progress, first.Log)
    {
        First = first;
        _behaviour = first.Behaviour;
        _hasReceived = first.HasReceived;
    }

    /// <summary>The context of the first download, if this is a second one.</summary>
    public DownloadContext? First { get; }

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
    public RequestSizer Sizer { get; init; }

    /// <summary>Whether the data is verified at the end with the hash of the whole blob.</summary>
    public bool HasFinalHash { get; init; }

    /// <summary>Whether a later check finds data of a wrong offset: the hash of the whole blob, or the comparison with the first download.</summary>
    public bool IsVerifiedLater => HasFinalHash || First is not null;

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
        Interlocked.Increment(ref (First ?? this)._requestCount);
        ApiRequest request = new(HttpMethod.Get, Session.Routes.BlobData(Uuid, offset, limit))
        {
            Subject = $"get the data of blob {Uuid:D}",
            NotFound = SfErrors.BlobDataMissing,
            SingleAttempt = true,
            OwnConnection = First is not null,
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

    public void CountResume() => Interlocked.Increment(ref (First ?? this)._resumeCount);

    public void MarkReceived() => _hasReceived = true;

    public void AddFailed(string requestId)
    {
        DownloadContext owner = First ?? this;
        lock (owner._lock)
        {
            owner._failedRequestIds.Add(requestId);
        }
    }

    /// <summary>Records that a request for data begins at this offset.</summary>
    public void AddOffset(long offset)
    {
        lock (_lock)
        {
            _offsets.Add(offset);
        }
    }

    /// <summary>Whether a request began at this offset.</summary>
    public bool HasRequested(long offset) => LastOffset(offset) == offset;

    /// <summary>Returns the offset of the last request that began at this byte or before it. Null if there was none.</summary>
    public long? LastOffset(long until) => OffsetIn(0, until, last: true);

    /// <summary>Returns the offset of the first request that began at this byte or after it. Null if there was none.</summary>
    public long? NextOffset(long from) => OffsetIn(from, Size, last: false);

    private long? OffsetIn(long from, long to, bool last)
    {
        lock (_lock)
        {
            // Counting a view would visit each of its elements, and the default value of an empty view is not in it.
            SortedSet<long> within = _offsets.GetViewBetween(from, to);
            long found = last ? within.Max : within.Min;
            return within.Contains(found) ? found : null;
        }
    }
}
