using System.Globalization;
using ShakenFist.Blobs.Http;

namespace ShakenFist.Blobs.Transfer;

/// <summary>Specifies how fetching a range ended.</summary>
internal enum RangeOutcome
{
    /// <summary>All bytes were received.</summary>
    Complete,

    /// <summary>This server cannot return the range: it ignores the requested offset, or it cannot be verified that it does not.</summary>
    OffsetIgnored,
}

/// <summary>
/// Fetches a range of a blob with one or more requests. After a failure, it resumes at the last received byte. <see cref="RetryClock"/> decides when the transfer
/// fails, <see cref="DataRequest"/> which bytes are valid, and <see cref="RequestSizer"/> how much to request.
/// </summary>
internal sealed class RangeFetch(DownloadContext context, IDataTarget target)
{
    /// <summary>Number of consecutive responses after which waiting is assumed not to help.</summary>
    public const int MaxLastingFailures = 5;

    // Number of lost connections after which the server is assumed to ignore the offset. For a file, a wrong assumption only costs time. A range in memory fails with
    // DataLengthMismatch.
    private const int MaxUncertainChecks = 3;

    // After a response with fewer bytes than this, the transfer pauses.
    private const long MinGainWithoutPause = 64 * 1024;

    private readonly DataRequest _request = new(context, target);

    /// <summary>ID of the last request. For a complete range, the request that received its last bytes.</summary>
    public string LastRequestId { get; private set; } = string.Empty;

    /// <summary>Fetches the bytes from <paramref name="from"/> up to, but not including, <paramref name="to"/>.</summary>
    /// <param name="from">First byte.</param>
    /// <param name="to">First byte after the range.</param>
    /// <param name="lease">The caller's connection.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="SfException">The range cannot be fetched.</exception>
    public async Task<RangeOutcome> RunAsync(long from, long to, ConnectionLease lease, CancellationToken cancellationToken)
    {
        TimeProvider time = context.Session.Options.TimeProvider;
        long position = from;
        long furthest = from;
        int attempt = 0;
        int lasting = 0;
        bool wasTooLong = false;
        while (position < to)
        {
            ServerBehaviour behaviour = context.Behaviour;

            // A few bytes from the middle of the blob can't be distinguished from an error. Therefore, the request also includes bytes before them that the target has
            // not reported yet.
            long min = context.Sizer.Next(DataRequest.MaxErrorBytes, behaviour);
            if (to < context.Size && to - position < min)
            {
                position = Math.Max(from, to - min);
            }

            // Two downloads are only independent if their requests begin at different bytes.
            if (attempt == 0 && position > from && context.First?.HasRequested(position) == true)
            {
                position--;
            }

            long need = context.Sizer.Next(to - position, behaviour);
            if (!behaviour.UsesLimit && to < context.Size && context.ReadsToEnd && !context.IsVerifiedLater)
            {
                return RangeOutcome.OffsetIgnored;
            }

            long started = time.GetTimestamp();
            DataResponse response = await _request.SendAsync(position, need, behaviour.UsesLimit, cancellationToken).ConfigureAwait(false);

            // The server sent data beyond the end of the blob twice, for an offset in the middle. It ignores the offset, so only a whole body is valid.
            bool tooLong = response.End == ResponseEnd.TooLong && !behaviour.UsesLimit && position > 0;
            bool offsetIgnored = tooLong && wasTooLong;
            wasTooLong = tooLong;
            if (offsetIgnored && from > 0 && to == context.Size)
            {
                return RangeOutcome.OffsetIgnored;
            }

            position = offsetIgnored ? from : position + response.ValidLength;
            LastRequestId = response.RequestId;
            target.Validated(position, response.IsConfirmed);
            long gain = Math.Max(0, position - furthest);
            furthest = Math.Max(furthest, position);
            context.Retry.AddGain(gain);
            if (response.End == ResponseEnd.Complete)
            {
                context.Sizer.Completed(need, time.GetElapsedTime(started), _request.Latency, context.Behaviour.Buffers);
                attempt = lasting = 0;
                continue;
            }

            context.Log.Verbose(string.Create(CultureInfo.InvariantCulture, $"{response.ToException(context.Uuid).Message} Resuming at byte {position}."));
            if (response.End == ResponseEnd.TooLong && behaviour.UsesLimit)
            {
                if (to == context.Size || await KeepsOffsetAsync(lease, cancellationToken).ConfigureAwait(false))
                {
                    context.Learn(b => b with { KeepsLimit = false });
                    continue;
                }

                return RangeOutcome.OffsetIgnored;
            }

            context.AddFailed(response.RequestId);
            context.Sizer.Failed();
            if (gain > 0)
            {
                context.CountResume();
            }

            bool limitedByUs = gain > 0 && response.End == ResponseEnd.TooSlow && context.Limits.BytesPerSecond is not null;
            if (gain >= MinGainWithoutPause || limitedByUs)
            {
                attempt = lasting = 0;
                continue;
            }

            lasting = response.IsLasting && gain == 0 ? lasting + 1 : 0;
            await FailedAsync(response, ++attempt, lasting, lease, cancellationToken).ConfigureAwait(false);
        }

        return RangeOutcome.Complete;
    }

    /// <summary>Whether the server starts at the requested offset.</summary>
    /// <exception cref="SfException">The check failed.</exception>
    /// <param name="lease">The caller's connection.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <param name="maxUncertain">Number of lost connections after which the server is assumed to ignore the offset.</param>
    public async Task<bool> KeepsOffsetAsync(ConnectionLease lease, CancellationToken cancellationToken, int maxUncertain = MaxUncertainChecks)
    {
        for (int attempt = 1; ; attempt++)
        {
            DataResponse lost;
            try
            {
                if (await _request.KeepsOffsetAsync(cancellationToken).ConfigureAwait(false) is { } keeps)
                {
                    return keeps;
                }

                cancellationToken.ThrowIfCancellationRequested();
                if (attempt >= maxUncertain)
                {
                    return false;
                }

                lost = new DataResponse(ResponseEnd.Dropped, 0, string.Empty, "the connection was lost");
            }
            catch (SfException e) when (SfErrors.IsTransient(e.Error))
            {
                lost = new DataResponse(ResponseEnd.Failed, 0, e.RequestId ?? string.Empty, e.Message) { Error = e };
            }

            await FailedAsync(lost, attempt, lasting: 0, lease, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Waits until the next attempt, or throws if there is none.</summary>
    private async Task FailedAsync(DataResponse response, int attempt, int lasting, ConnectionLease lease, CancellationToken cancellationToken)
    {
        SfException failure = response.ToException(context.Uuid);
        context.Retry.RecordFailure(failure);
        if (lasting >= MaxLastingFailures)
        {
            throw new SfException(failure.Error,
                $"{MaxLastingFailures} consecutive requests for blob {context.Uuid:D} returned no usable data. Last failure: {ErrorText.WithRequestId(response.Reason!, response.RequestId)}", failure)
            {
                RequestId = response.RequestId,
            };
        }

        if (!context.Retry.Retries)
        {
            throw context.Retry.ToException(context.Uuid);
        }

        TimeSpan pause = context.Retry.Limit(Backoff.Pause(context.Session.Options.RetryDelay, attempt));
        await lease.PauseAsync(response.Error?.RetryAfter is { } asked && asked > pause ? asked : pause, cancellationToken).ConfigureAwait(false);
    }
}
