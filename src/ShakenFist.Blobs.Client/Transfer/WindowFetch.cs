using System.Buffers;
using ShakenFist.Blobs.Http;

namespace ShakenFist.Blobs.Transfer;

/// <summary>
/// Makes one data request and decides what of its body can be believed. A status of 200 proves nothing and a clean end proves nothing:
/// the length must be exact, and what looks like an error must be shown not to be one.
/// </summary>
internal sealed class WindowFetch(FetchContext context, IWindowTarget target)
{
    // As long as most parts, which can then be hashed as they are written.
    private const int BlockBytes = 1024 * 1024;

    /// <summary>Bytes of the largest error another node sends. It comes without a length where the server streams, and its connection may break like any other.</summary>
    public const int LargestError = 4096;

    private readonly SfTransportOptions _options = context.Session.Options;
    private readonly BodyReader _reader = new(context);
    private readonly WindowDoubt _doubt = new(context, target);
    private long _filled;

    /// <summary>Time from the last request to the head of its answer.</summary>
    public TimeSpan Latency { get; private set; }

    /// <summary>Whether the last answer announced its length, which a server can that has read all of it into its memory.</summary>
    public bool WasBuffered { get; private set; }

    /// <summary>
    /// Asks for <paramref name="need"/> bytes from <paramref name="offset"/> on, by <c>limit</c>. A server that does not know it is asked for all the rest, and the
    /// connection is closed when enough of that is here.
    /// </summary>
    /// <exception cref="SfException">The request was refused or did not get an answer.</exception>
    public async Task<WindowResult> RunAsync(long offset, long need, bool useLimit, CancellationToken cancellationToken)
    {
        // What is received is shown as it comes, and taken back if it turns out to be nothing.
        _filled = 0;
        long accepted = 0;
        try
        {
            WindowResult result = await ReceiveAsync(offset, need, useLimit, cancellationToken).ConfigureAwait(false);
            accepted = result.Accepted;
            return result;
        }
        finally
        {
            context.Progress.Advance(accepted - _filled);
        }
    }

    /// <summary>Whether the server begins where it is told to.</summary>
    public Task<bool> HonoursOffsetAsync(CancellationToken cancellationToken) => _doubt.HonoursOffsetAsync(cancellationToken);

    private async Task<WindowResult> ReceiveAsync(long offset, long need, bool useLimit, CancellationToken cancellationToken)
    {
        long asked = _options.TimeProvider.GetTimestamp();
        using ApiAnswer answer = await context.RequestAsync(offset, useLimit ? need : null, cancellationToken).ConfigureAwait(false);
        Latency = _options.TimeProvider.GetElapsedTime(asked);
        if (answer.ContentEncoding is { } encoding)
        {
            return new WindowResult(WindowEnd.NotData, 0, answer.RequestId, $"the body is encoded as '{answer.Secrets.Show(encoding, 40)}', which was not asked for");
        }

        long due = useLimit ? need : context.Size - offset;
        long? announced = answer.Message.Content.Headers.ContentLength;
        WasBuffered = announced is not null;
        using CancellationTokenSource budget = new(BodyReader.RequestBudget, _options.TimeProvider);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, budget.Token);
        using IdleTimeoutReader reader = await IdleTimeoutReader.OpenAsync(answer, _options, either.Token).ConfigureAwait(false);
        byte[] block = ArrayPool<byte>.Shared.Rent((int)Math.Clamp(need, BodyScreen.HeadBytes, BlockBytes));
        try
        {
            WindowResult result = announced is null || announced == due
                ? await ReceiveBodyAsync(answer, reader, block, offset, need, lengthUnknown: announced is null, toTheEnd: need == due, cancellationToken).ConfigureAwait(false)
                : await MisfitAsync(answer, reader, block, offset, announced.Value, due, cancellationToken).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            return result;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
        }
    }

    private async Task<WindowResult> ReceiveBodyAsync(
        ApiAnswer answer, IdleTimeoutReader reader, byte[] block, long offset, long need, bool lengthUnknown, bool toTheEnd, CancellationToken cancellationToken)
    {
        long received = 0;
        bool suspect = false;
        while (received < need)
        {
            (int count, WindowEnd end, string? reason) = await FillAsync(reader, block.AsMemory(0, BlockAt(offset + received, need - received))).ConfigureAwait(false);
            if (received == 0)
            {
                suspect = BodyScreen.LooksLikeError(block.AsSpan(0, count));
                if (count < LeastBelieved(end, lengthUnknown))
                {
                    // What ends this early is more likely another node's words than the blob's bytes, and cheap to ask for again.
                    return suspect
                        ? new WindowResult(WindowEnd.NotData, 0, answer.RequestId, Said(block.AsSpan(0, count)))
                        : new WindowResult(end, 0, answer.RequestId, reason ?? $"the server sent {count} bytes where {need} are due");
                }
            }

            target.Write(block.AsSpan(0, count), offset + received);
            received += count;
            if (!suspect)
            {
                // The last byte is sure only when the end behind it has been seen.
                target.Reached(offset + Math.Min(received, need - 1));
            }

            if (end != WindowEnd.Complete)
            {
                bool believed = suspect
                    ? await _doubt.IsDataAsync(offset, Written(offset, received), block, cancellationToken).ConfigureAwait(false)
                    : await _doubt.IsFromHereAsync(offset, received, lengthUnknown, block, cancellationToken).ConfigureAwait(false);
                return new WindowResult(end, believed ? received : 0, answer.RequestId, reason ?? $"the server sent {received} bytes where {need} are due");
            }
        }

        (WindowEnd last, int more) = lengthUnknown && toTheEnd ? await FindEndAsync(reader, block).ConfigureAwait(false) : (WindowEnd.Complete, 0);
        byte[] head = Written(offset, need);
        if (head.Length == need && BodyScreen.LooksLikeError([.. head, .. block.AsSpan(0, more)]))
        {
            // So little was due that only what came after it shows what this is.
            suspect = true;
        }

        if (suspect && !await _doubt.IsDataAsync(offset, [.. head, .. block.AsSpan(0, more)], block, cancellationToken).ConfigureAwait(false))
        {
            return new WindowResult(WindowEnd.NotData, 0, answer.RequestId, "an error of another node was sent in place of the data");
        }

        if (!toTheEnd && context.Plan.IsBroken && !await _doubt.IsFromHereAsync(offset, need, lengthUnknown, block, cancellationToken).ConfigureAwait(false))
        {
            // It has ignored the limit before, and perhaps the offset now: its end, which would show that, is not waited for.
            return new WindowResult(WindowEnd.TooLong, 0, answer.RequestId, "the server began elsewhere than it was told to");
        }

        return last switch
        {
            WindowEnd.TooLong => new WindowResult(last, 0, answer.RequestId, $"the server sent more than the {need} bytes that are due"),

            // A server that ignores the offset sends more than is due, and its connection may break just here. The last byte, asked for alone, will tell.
            WindowEnd.Dropped => new WindowResult(
                last, await _doubt.IsFromHereAsync(offset, need - 1, lengthUnknown, block, cancellationToken).ConfigureAwait(false) ? need - 1 : 0, answer.RequestId, "the connection broke where the end was due"),
            _ => new WindowResult(last, need, answer.RequestId),
        };
    }

    /// <summary>Bytes that a body must have brought, ending as it did, for any of them to be believed.</summary>
    private static int LeastBelieved(WindowEnd end, bool lengthUnknown) => end switch
    {
        WindowEnd.Complete => 0,
        WindowEnd.TooShort => BodyScreen.HeadBytes,
        _ => lengthUnknown ? LargestError : 0,
    };

    /// <summary>Bytes of the next block: up to the next multiple of its length, where parts begin, but enough to see what the beginning of a body is.</summary>
    private static int BlockAt(long offset, long left)
    {
        long aligned = BlockBytes - (offset % BlockBytes);
        return (int)Math.Min(aligned < BodyScreen.HeadBytes ? BlockBytes : aligned, left);
    }

    /// <summary>Fills the block with data of the blob. It comes back less than full only when the body ended or broke.</summary>
    private async ValueTask<(int Count, WindowEnd End, string? Reason)> FillAsync(IdleTimeoutReader reader, Memory<byte> block)
    {
        (int Count, WindowEnd End, string? Reason) result = await _reader.ReadAsync(reader, block, show: true).ConfigureAwait(false);
        _filled += result.Count;
        return result;
    }

    /// <summary>The announced length is not the one asked for: shorter is an error in place of data or a damaged file, longer a server that ignores what it was asked.</summary>
    private async Task<WindowResult> MisfitAsync(
        ApiAnswer answer, IdleTimeoutReader reader, byte[] block, long offset, long announced, long need, CancellationToken cancellationToken)
    {
        (int count, _, _) = await _reader.ReadAsync(reader, block.AsMemory(0, (int)Math.Min(BodyScreen.HeadBytes, announced)), show: false).ConfigureAwait(false);
        WindowResult misfit = new(announced < need ? WindowEnd.TooShort : WindowEnd.TooLong, 0, answer.RequestId, $"the server announced {announced} bytes where {need} are due");
        if (!BodyScreen.LooksLikeError(block.AsSpan(0, count)))
        {
            return misfit;
        }

        WindowResult error = new(WindowEnd.NotData, 0, answer.RequestId, Said(block.AsSpan(0, count)));
        return announced > need && await _doubt.IsDataAsync(offset, block.AsSpan(0, count).ToArray(), block, cancellationToken).ConfigureAwait(false) ? misfit : error;
    }

    /// <summary>All that is due has come: whether the body ends with it, breaks off before it says, or goes on, and then the bytes with which it does, in the block.</summary>
    private static async Task<(WindowEnd End, int More)> FindEndAsync(IdleTimeoutReader reader, byte[] block)
    {
        try
        {
            int more = await reader.ReadAsync(block.AsMemory(0, WindowDoubt.Sample)).ConfigureAwait(false);
            return (more > 0 ? WindowEnd.TooLong : WindowEnd.Complete, more);
        }
        catch (Exception e) when (e is IOException or SfException or OperationCanceledException)
        {
            return (WindowEnd.Dropped, 0);
        }
    }

    /// <summary>The first bytes of what was just written at <paramref name="offset"/>.</summary>
    private byte[] Written(long offset, long length)
    {
        byte[] head = new byte[(int)Math.Min(WindowDoubt.Sample + 1, length)];
        _ = target.Read(head, offset);
        return head;
    }

    private string Said(ReadOnlySpan<byte> body) =>
        $"another node's answer was sent in place of the data: {AnswerErrors.ReasonIn(body, context.Session.Secrets) ?? "not readable"}";
}
