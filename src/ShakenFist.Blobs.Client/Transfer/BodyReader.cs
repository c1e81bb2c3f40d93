using ShakenFist.Blobs.Http;

namespace ShakenFist.Blobs.Transfer;

/// <summary>Reads stretches of an answer's body, at the rate that is allowed.</summary>
internal sealed class BodyReader(FetchContext context)
{
    /// <summary>The server ends any request after 30 s; one that does not end by itself within twice that is ended here and goes on at the byte reached.</summary>
    public static readonly TimeSpan RequestBudget = TimeSpan.FromSeconds(60);

    /// <summary>Fills the block. It comes back less than full only when the body ended or broke.</summary>
    /// <param name="reader">The body.</param>
    /// <param name="block">Where to.</param>
    /// <param name="show">The bytes are the blob's and count as progress; others only serve to decide something.</param>
    public async ValueTask<(int Count, WindowEnd End, string? Reason)> ReadAsync(IdleTimeoutReader reader, Memory<byte> block, bool show)
    {
        int filled = 0;
        try
        {
            while (filled < block.Length)
            {
                int most = Math.Min(block.Length - filled, context.Limits.MaxReadSize);
                int read = await reader.ReadAsync(block.Slice(filled, most)).ConfigureAwait(false);
                if (read == 0)
                {
                    return (filled, WindowEnd.TooShort, null);
                }

                filled += read;
                context.Progress.AddReceived(read);
                context.Progress.Advance(show ? read : 0);
                TimeSpan wait = context.Limits.Received(read);
                if (wait > TimeSpan.Zero)
                {
                    await Task.Delay(wait, context.Session.Options.TimeProvider, reader.CancellationToken).ConfigureAwait(false);
                }
            }

            return (filled, WindowEnd.Complete, null);
        }
        catch (OperationCanceledException)
        {
            // The budget's; a cancellation by the caller is thrown by the caller's own check.
            return (filled, WindowEnd.TooSlow, $"the answer had not ended after {RequestBudget.TotalSeconds:0} s");
        }
        catch (Exception e) when (e is IOException or SfException)
        {
            return (filled, WindowEnd.Dropped, context.Session.Secrets.Show(e.Message).TrimEnd('.'));
        }
    }
}
