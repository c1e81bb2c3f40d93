using System.Globalization;

namespace ShakenFist.Blobs.Transfer;

/// <summary>
/// Brings a range of a blob to its target, window by window: resumed at the byte reached after any drop, given up only when several requests in a row have brought
/// nothing. What is right for a window is <see cref="WindowFetch"/>'s to say, how large it is <see cref="WindowPlan"/>'s.
/// </summary>
internal sealed class RangeFetch
{
    /// <summary>Requests in a row that bring nothing before the transfer is given up.</summary>
    public const int MaxFruitlessRequests = 5;

    private readonly SfSession _session;
    private readonly Guid _uuid;
    private readonly long _size;
    private readonly TrailingHasher? _hasher;
    private readonly DownloadProgress _progress;
    private readonly ISfLog _log;
    private readonly WindowPlan _plan;
    private readonly WindowFetch _window;
    private readonly List<string> _failedRequestIds = [];

    public RangeFetch(SfSession session, Guid uuid, long size, IWindowTarget target, TrailingHasher? hasher, DownloadProgress progress, ISfLog log)
    {
        _session = session;
        _uuid = uuid;
        _size = size;
        _hasher = hasher;
        _progress = progress;
        _log = log;
        _plan = new WindowPlan(session.Capabilities.Has("blob-data-limit"), session.Options.WindowBytes);
        _window = new WindowFetch(session, uuid, size, target, hasher, progress, log);
    }

    /// <summary>What the message of a failure says after the number of bytes that had arrived.</summary>
    public string Aftermath { get; init; } = ".";

    /// <summary>Data requests made.</summary>
    public int RequestCount => _window.RequestCount;

    /// <summary>How often it went on at the byte reached.</summary>
    public int ResumeCount { get; private set; }

    /// <summary>Request ids of data requests that failed or brought too little.</summary>
    public IList<string> FailedRequestIds => _failedRequestIds;

    /// <summary>Brings the bytes from <paramref name="from"/> up to, but not including, <paramref name="to"/>.</summary>
    /// <exception cref="SfException">It could not be done.</exception>
    public async Task RunAsync(long from, long to, CancellationToken cancellationToken)
    {
        long position = from;
        long furthest = from;
        int fruitless = 0;
        bool wasTooLong = false;
        _progress.Position = from;
        while (position < to)
        {
            long need = _plan.Next(to - position);
            bool usedLimit = _plan.UsesLimit;
            long started = _session.Options.TimeProvider.GetTimestamp();
            WindowResult window = await FetchOneAsync(position, need, usedLimit, cancellationToken).ConfigureAwait(false);

            // Data after the end of the blob, asked for from its middle, and that twice: this server ignores the offset. Only a whole body can be believed then.
            bool tooLong = window.End == WindowEnd.TooLong && !usedLimit && position > 0;
            bool offsetIgnored = tooLong && wasTooLong;
            wasTooLong = tooLong;
            position = offsetIgnored ? from : position + window.Accepted;
            _progress.Position = position;
            _hasher?.MoveWatermark(position);
            if (window.End == WindowEnd.Complete)
            {
                _plan.Completed(need, _session.Options.TimeProvider.GetElapsedTime(started));
                fruitless = 0;
                continue;
            }

            _log.Verbose(string.Create(CultureInfo.InvariantCulture, $"Request {window.RequestId}: {window.Reason}; {position} of {_size} bytes are there."));
            if (window.End == WindowEnd.TooLong && usedLimit)
            {
                _plan.LimitIgnored();
                continue;
            }

            _failedRequestIds.Add(window.RequestId);
            bool broughtEnough = position > furthest && (window.End != WindowEnd.TooSlow || window.Accepted >= BodyScreen.HeadBytes);
            furthest = Math.Max(furthest, position);
            fruitless = broughtEnough ? 0 : fruitless + 1;
            ResumeCount += broughtEnough ? 1 : 0;
            if (fruitless >= MaxFruitlessRequests)
            {
                throw GivenUp(window, position);
            }

            _plan.Failed();
            TimeSpan pause = fruitless == 0 ? TimeSpan.Zero : _session.Options.RetryDelay * (1 << (fruitless - 1));
            await Task.Delay(pause, _session.Options.TimeProvider, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<WindowResult> FetchOneAsync(long position, long need, bool useLimit, CancellationToken cancellationToken)
    {
        try
        {
            return await _window.RunAsync(position, need, useLimit, cancellationToken).ConfigureAwait(false);
        }
        catch (SfException e) when (e.Error == SfErrors.BlobDataMissing && position > 0)
        {
            // It was there a moment ago: another location may still have it.
            return new WindowResult(WindowEnd.NotData, 0, e.RequestId ?? string.Empty, e.Message);
        }
        catch (SfException e) when (position > 0)
        {
            throw new SfException(e.Error, $"{e.Message} {Arrived(position)}", e) { StatusCode = e.StatusCode, RequestId = e.RequestId };
        }
    }

    private SfException GivenUp(WindowResult last, long position)
    {
        SfError error = last.End switch
        {
            WindowEnd.TooShort or WindowEnd.TooLong => SfErrors.DataLengthMismatch,
            WindowEnd.NotData => SfErrors.UnexpectedContent,
            _ => SfErrors.TransferInterrupted,
        };
        return new SfException(error,
            $"The data of blob {_uuid:D}: {MaxFruitlessRequests} requests in a row brought nothing; the last one: {last.Reason} (request id {last.RequestId}). {Arrived(position)}")
        {
            RequestId = last.RequestId,
        };
    }

    private string Arrived(long position) => string.Create(CultureInfo.InvariantCulture, $"{position} of {_size} bytes had arrived{Aftermath}");
}
