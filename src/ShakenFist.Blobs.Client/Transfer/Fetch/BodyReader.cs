using ShakenFist.Blobs.Http;

namespace ShakenFist.Blobs.Transfer;

/// <summary>Reads pieces of a response body, at the rate that is allowed.</summary>
internal sealed class BodyReader(DownloadContext context)
{
    /// <summary>The server ends any request after 30 s. One that does not end within twice that is ended here and resumed at the last byte received.</summary>
    public static readonly TimeSpan RequestBudget = TimeSpan.FromSeconds(60);

    /// <summary>Fills the buffer. It is less than full only when the body ended or the connection was lost.</summary>
    /// <param name="reader">The body.</param>
    /// <param name="buffer">Receives the bytes.</param>
    /// <param name="isData">The bytes are the blob's and count as progress. Others only serve to decide something.</param>
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
            // The budget's. The caller checks whether it was a cancellation of its own.
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
