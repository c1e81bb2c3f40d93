using System.Globalization;
using ShakenFist.Blobs.Http;

namespace ShakenFist.Blobs.Transfer;

/// <summary>
/// Brings a range of a blob to its target, window by window: resumed at the byte reached after any drop, given up only when several requests in a row have brought
/// nothing. What is right for a window is <see cref="WindowFetch"/>'s to say, how large it is <see cref="WindowPlan"/>'s.
/// </summary>
internal sealed class RangeFetch(FetchContext context, IWindowTarget target)
{
    /// <summary>Requests in a row that bring nothing before the transfer is given up.</summary>
    public const int MaxFruitlessRequests = 5;

    private readonly WindowFetch _window = new(context, target);

    /// <summary>The last request; of a range that is whole, the one that brought its last bytes.</summary>
    public string LastRequestId { get; private set; } = string.Empty;

    /// <summary>Brings the bytes from <paramref name="from"/> up to, but not including, <paramref name="to"/>.</summary>
    /// <returns>False if a range cannot be had from this server: it does not begin where it is told to, or nothing would show if it did not.</returns>
    /// <exception cref="SfException">It could not be done.</exception>
    public async Task<bool> RunAsync(long from, long to, CancellationToken cancellationToken)
    {
        TimeProvider time = context.Session.Options.TimeProvider;
        long position = from;
        long furthest = from;
        int fruitless = 0;
        bool wasTooLong = false;
        while (position < to)
        {
            // Of a few bytes from the middle of the blob nobody can say whether they are an error's: they are asked for with some of those before them, which
            // nobody has been shown yet.
            long least = context.Plan.Next(WindowFetch.LargestError);
            if (to < context.Size && to - position < least)
            {
                position = Math.Max(from, to - least);
            }

            long need = context.Plan.Next(to - position);
            bool usedLimit = context.Plan.UsesLimit;
            if (!usedLimit && to < context.Size && !context.TrustsOffset)
            {
                return false;
            }

            long started = time.GetTimestamp();
            WindowResult window = await FetchOneAsync(position, need, usedLimit, cancellationToken).ConfigureAwait(false);

            // Data after the end of the blob, asked for from its middle, and that twice: this server ignores the offset. Only a whole body can be believed then.
            bool tooLong = window.End == WindowEnd.TooLong && !usedLimit && position > 0;
            bool offsetIgnored = tooLong && wasTooLong;
            wasTooLong = tooLong;
            if (offsetIgnored && from > 0 && to == context.Size)
            {
                return false;
            }

            position = offsetIgnored ? from : position + window.Accepted;
            LastRequestId = window.RequestId;
            target.Accepted(position);
            if (window.End == WindowEnd.Complete)
            {
                context.Plan.Completed(need, time.GetElapsedTime(started), _window.Latency, _window.WasBuffered);
                fruitless = 0;
                continue;
            }

            context.Log.Verbose(string.Create(CultureInfo.InvariantCulture, $"Request {window.RequestId}: {window.Reason}; going on at byte {position}."));
            if (window.End == WindowEnd.TooLong && usedLimit)
            {
                if (to == context.Size || await _window.HonoursOffsetAsync(cancellationToken).ConfigureAwait(false))
                {
                    context.Plan.LimitIgnored();
                    continue;
                }

                return false;
            }

            context.AddFailed(window.RequestId);
            bool broughtEnough = position > furthest
                && (window.End != WindowEnd.TooSlow || window.Accepted >= BodyScreen.HeadBytes || context.Limits.BytesPerSecond is not null);
            furthest = Math.Max(furthest, position);
            fruitless = broughtEnough ? 0 : fruitless + 1;
            if (broughtEnough)
            {
                context.CountResume();
            }

            if (fruitless >= MaxFruitlessRequests)
            {
                throw GivenUp(window);
            }

            context.Plan.Failed();
            TimeSpan pause = fruitless == 0 ? TimeSpan.Zero : Backoff.Pause(context.Session.Options.RetryDelay, fruitless);
            await Task.Delay(pause, time, cancellationToken).ConfigureAwait(false);
        }

        return true;
    }

    /// <summary>Whether the server begins where it is told to.</summary>
    public Task<bool> HonoursOffsetAsync(CancellationToken cancellationToken) => _window.HonoursOffsetAsync(cancellationToken);

    private async Task<WindowResult> FetchOneAsync(long position, long need, bool useLimit, CancellationToken cancellationToken)
    {
        try
        {
            return await _window.RunAsync(position, need, useLimit, cancellationToken).ConfigureAwait(false);
        }
        catch (SfException e) when (e.Error == SfErrors.BlobDataMissing && position > 0)
        {
            // It was there a moment ago: another location may still have it.
            return new WindowResult(WindowEnd.Missing, 0, e.RequestId ?? string.Empty, e.Message);
        }
    }

    private SfException GivenUp(WindowResult last)
    {
        SfError error = last.End switch
        {
            WindowEnd.TooShort or WindowEnd.TooLong => SfErrors.DataLengthMismatch,
            WindowEnd.NotData => SfErrors.UnexpectedContent,
            WindowEnd.Missing => SfErrors.BlobDataMissing,
            _ => SfErrors.TransferInterrupted,
        };
        return new SfException(error,
            $"The data of blob {context.Uuid:D}: {MaxFruitlessRequests} requests in a row brought nothing; the last one: {last.Reason} (request id {last.RequestId}).")
        {
            RequestId = last.RequestId,
        };
    }
}
