using ShakenFist.Blobs.Http;

namespace ShakenFist.Blobs.Session;

/// <summary>Repeats requests whose failure can be temporary.</summary>
internal static class SessionRetry
{
    /// <summary>Repeats the work until it succeeds or the retry timeout is reached. Only for work that can be repeated without another effect.</summary>
    /// <param name="session">The session.</param>
    /// <param name="subject">What the work does, for the error message that begins with "Cannot".</param>
    /// <param name="retryTimeout">How long to retry.</param>
    /// <param name="work">The work.</param>
    /// <param name="log">Receives a line for each repetition.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="SfException"><see cref="SfErrors.TransferInterrupted"/> after the retry timeout. The inner exception is the last failure.</exception>
    public static async Task<T> RetryAsync<T>(this SfSession session, string subject, TimeSpan retryTimeout, Func<Task<T>> work, ISfLog log, CancellationToken cancellationToken)
    {
        TimeProvider time = session.Options.TimeProvider;
        long started = time.GetTimestamp();
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return await work().ConfigureAwait(false);
            }
            catch (SfException e) when (SfErrors.IsTransient(e.Error) && retryTimeout > TimeSpan.Zero)
            {
                TimeSpan left = retryTimeout - time.GetElapsedTime(started);
                if (left <= TimeSpan.Zero)
                {
                    throw new SfException(SfErrors.TransferInterrupted,
                        FormattableString.Invariant($"Cannot {subject} within {retryTimeout.TotalSeconds:0} s. Last failure: {e.Message}"), e)
                    {
                        StatusCode = e.StatusCode,
                        RequestId = e.RequestId,
                    };
                }

                TimeSpan pause = e.RetryAfter ?? Backoff.Pause(session.Options.RetryDelay, attempt);
                log.Verbose($"{e.Message} Sending the request again.");
                await Task.Delay(pause < left ? pause : left, time, cancellationToken).ConfigureAwait(false);
            }
        }
    }
}
