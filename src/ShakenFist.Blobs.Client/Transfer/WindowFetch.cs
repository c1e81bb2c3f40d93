using System.Buffers;
using ShakenFist.Blobs.Http;

namespace ShakenFist.Blobs.Transfer;

/// <summary>
/// Makes one data request and decides what of its body can be believed. A status of 200 proves nothing and a clean end proves nothing:
/// the length must be exact, and what looks like an error must be shown not to be one.
/// </summary>
internal sealed class WindowFetch(SfSession session, Guid uuid, PartialFile part, TrailingHasher? hasher, DownloadProgress progress, ISfLog log)
{
    private const int BlockBytes = 128 * 1024;

    // The server ends any request after 30 s; one that does not end by itself within twice that is ended here and goes on at the byte reached.
    private static readonly TimeSpan RequestBudget = TimeSpan.FromSeconds(60);

    /// <summary>Data requests made.</summary>
    public int RequestCount { get; private set; }

    /// <summary>Asks for <paramref name="need"/> bytes from <paramref name="offset"/> on, by <c>limit</c> or, where the server does not know it, for all the rest.</summary>
    /// <exception cref="SfException">The request was refused or did not get an answer.</exception>
    public async Task<WindowResult> RunAsync(long offset, long need, bool useLimit, CancellationToken cancellationToken)
    {
        using ApiAnswer answer = await RequestAsync(offset, useLimit ? need : null, cancellationToken).ConfigureAwait(false);
        if (answer.ContentEncoding is { } encoding)
        {
            return new WindowResult(WindowEnd.NotData, 0, answer.RequestId, $"the body is encoded as '{ServerText.Clean(encoding, 40)}', which was not asked for");
        }

        long? announced = answer.Message.Content.Headers.ContentLength;
        using CancellationTokenSource budget = new(RequestBudget, session.Options.TimeProvider);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, budget.Token);
        using IdleTimeoutReader reader = await IdleTimeoutReader.OpenAsync(answer, session.Options, either.Token).ConfigureAwait(false);
        byte[] block = ArrayPool<byte>.Shared.Rent(BlockBytes);
        try
        {
            WindowResult result = announced is null || announced == need
                ? await ReceiveAsync(answer, reader, block, offset, need, announced is null, cancellationToken).ConfigureAwait(false)
                : await MisfitAsync(answer, reader, block, announced.Value, need).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            return result;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
        }
    }

    private Task<ApiAnswer> RequestAsync(long offset, long? limit, CancellationToken cancellationToken)
    {
        RequestCount++;
        ApiRequest request = new(HttpMethod.Get, session.Routes.BlobData(uuid, offset, limit)) { Subject = $"The data of blob {uuid:D}", NotFound = SfErrors.BlobDataMissing };
        return session.SendAsync(request, log, cancellationToken);
    }

    private async Task<WindowResult> ReceiveAsync(ApiAnswer answer, IdleTimeoutReader reader, byte[] block, long offset, long need, bool lengthUnknown, CancellationToken cancellationToken)
    {
        long received = 0;
        bool suspect = false;
        while (received < need)
        {
            (int count, WindowEnd end, string? reason) = await FillAsync(reader, block.AsMemory(0, (int)Math.Min(BlockBytes, need - received))).ConfigureAwait(false);
            if (received == 0)
            {
                suspect = BodyScreen.LooksLikeError(block.AsSpan(0, count));
                if (end == WindowEnd.TooShort && count < BodyScreen.HeadBytes)
                {
                    // A clean end this early is more likely another node's words than the blob's bytes, and cheap to ask for again.
                    return suspect
                        ? new WindowResult(WindowEnd.NotData, 0, answer.RequestId, Said(block.AsSpan(0, count)))
                        : new WindowResult(end, 0, answer.RequestId, $"the server sent {count} bytes where {need} are due");
                }
            }

            part.Write(block.AsSpan(0, count), offset + received);
            received += count;
            if (!suspect)
            {
                progress.Position = offset + received;
                hasher?.MoveWatermark(offset + received);
            }

            if (end != WindowEnd.Complete)
            {
                return new WindowResult(end, suspect ? 0 : received, answer.RequestId, reason ?? $"the server sent {received} bytes where {need} are due");
            }
        }

        if (lengthUnknown && await GoesOnAsync(reader, block).ConfigureAwait(false))
        {
            return new WindowResult(WindowEnd.TooLong, 0, answer.RequestId, $"the server sent more than the {need} bytes that are due");
        }

        if (suspect && !await IsDataAsync(offset, need, block, cancellationToken).ConfigureAwait(false))
        {
            return new WindowResult(WindowEnd.NotData, 0, answer.RequestId, "an error of another node was sent in place of the data");
        }

        return new WindowResult(WindowEnd.Complete, received, answer.RequestId);
    }

    /// <summary>Fills the block. It comes back less than full only when the body ended or broke.</summary>
    private async ValueTask<(int Count, WindowEnd End, string? Reason)> FillAsync(IdleTimeoutReader reader, Memory<byte> block)
    {
        int filled = 0;
        try
        {
            while (filled < block.Length)
            {
                int read = await reader.ReadAsync(block[filled..]).ConfigureAwait(false);
                if (read == 0)
                {
                    return (filled, WindowEnd.TooShort, null);
                }

                filled += read;
                progress.AddReceived(read);
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
            return (filled, WindowEnd.Dropped, ServerText.Clean(e.Message).TrimEnd('.'));
        }
    }

    /// <summary>The announced length is not the one asked for: shorter is an error in place of data or a damaged file, longer a server that ignores what it was asked.</summary>
    private async Task<WindowResult> MisfitAsync(ApiAnswer answer, IdleTimeoutReader reader, byte[] block, long announced, long need)
    {
        if (announced > need)
        {
            return new WindowResult(WindowEnd.TooLong, 0, answer.RequestId, $"the server announced {announced} bytes where {need} are due");
        }

        (int count, _, _) = await FillAsync(reader, block.AsMemory(0, (int)Math.Min(BlockBytes, announced))).ConfigureAwait(false);
        return BodyScreen.LooksLikeError(block.AsSpan(0, count))
            ? new WindowResult(WindowEnd.NotData, 0, answer.RequestId, Said(block.AsSpan(0, count)))
            : new WindowResult(WindowEnd.TooShort, 0, answer.RequestId, $"the server announced {announced} bytes where {need} are due");
    }

    private static async Task<bool> GoesOnAsync(IdleTimeoutReader reader, byte[] block)
    {
        try
        {
            return await reader.ReadAsync(block.AsMemory(0, 1)).ConfigureAwait(false) > 0;
        }
        catch (Exception e) when (e is IOException or SfException or OperationCanceledException)
        {
            // Cut where the end was due: all that was asked for is here.
            return false;
        }
    }

    /// <summary>
    /// Settles a suspicion: asks for the same place one byte further on. Data moves along by that byte; an error begins at its beginning again.
    /// </summary>
    private async Task<bool> IsDataAsync(long offset, long need, byte[] block, CancellationToken cancellationToken)
    {
        const int Sample = 64;
        int wanted = (int)Math.Min(Sample, need - 1);
        byte[] expected = new byte[wanted];
        RandomAccess.Read(part.Handle, expected, offset + 1);
        log.Verbose("The data begins as an error message does: asking for it one byte further on, to see whether it is one.");
        using ApiAnswer answer = await RequestAsync(offset + 1, wanted, cancellationToken).ConfigureAwait(false);
        using IdleTimeoutReader reader = await IdleTimeoutReader.OpenAsync(answer, session.Options, cancellationToken).ConfigureAwait(false);
        (int count, _, _) = await FillAsync(reader, block.AsMemory(0, wanted)).ConfigureAwait(false);
        return block.AsSpan(0, count).SequenceEqual(expected);
    }

    private static string Said(ReadOnlySpan<byte> body) =>
        $"another node's answer was sent in place of the data: {AnswerErrors.ReasonIn(body) ?? "not readable"}";
}
