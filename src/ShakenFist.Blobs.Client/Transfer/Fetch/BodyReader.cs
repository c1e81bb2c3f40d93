using ShakenFist.Blobs.Http;

namespace ShakenFist.Blobs.Transfer;

/// <summary>Reads a response body in pieces, within the rate limit.</summary>
internal sealed class BodyReader(DownloadContext context)
{
    /// <summary>
    /// The time limit of a request. The server ends a request after 30 s. A request that takes twice as long is canceled and resumed at the last received byte.
    /// </summary>
    public static readonly TimeSpan RequestBudget = TimeSpan.FromSeconds(60);

    /// <summary>Fills the buffer. It is less than full only when the body ended or the connection was lost.</summary>
    /// <param name="reader">The body.</param>
    /// <param name="buffer">Receives the bytes.</param>
    /// <param name="isData">Whether the bytes are data of the blob and count as progress. False for bytes that are only compared.</param>
    public async ValueTask<(int Count, ResponseEnd End, string? Reason)> ReadAsync(IdleTimeoutReader reader, Memory<byte> buffer, bool isData)
    {
        int filled = 0;
        try
        {
            while (filled < buffer.Length)
            {
                int max = Math.Min(buffer.Length - filled, context.Limits.MaxReadSize);
                int read = await reader.ReadAsync(buffer.Slice(filled, max)).ConfigureAwait(false);
                if (read == 0)
                {
                    return (filled, ResponseEnd.TooShort, null);
                }

                filled += read;
                context.Progress.AddReceived(read);
                if (isData)
                {
                    context.Progress.Advance(read);
                    context.Retry.AddPending(read);
                }

                TimeSpan wait = context.Limits.Received(read);
                if (wait > TimeSpan.Zero)
                {
                    await WaitAsync(wait, reader.CancellationToken).ConfigureAwait(false);
                }
            }

            return (filled, ResponseEnd.Complete, null);
        }
        catch (OperationCanceledException)
        {
            // The time limit of the request. The caller checks whether its own token was canceled.
            return (filled, ResponseEnd.TooSlow, $"the response did not end within {RequestBudget.TotalSeconds:0} s");
        }
        catch (Exception e) when (e is IOException or SfException)
        {
            return (filled, ResponseEnd.Dropped, context.Session.Secrets.Show(e.Message).TrimEnd('.'));
        }
    }

    private async Task WaitAsync(TimeSpan wait, CancellationToken cancellationToken)
    {
        context.Retry.Pause();
        try
        {
            await Task.Delay(wait, context.Session.Options.TimeProvider, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            context.Retry.Continue();
        }
    }
}
