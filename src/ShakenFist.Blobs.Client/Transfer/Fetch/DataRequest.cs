using System.Buffers;
using ShakenFist.Blobs.Http;

namespace ShakenFist.Blobs.Transfer;

/// <summary>
/// Makes one data request and decides how many of its bytes are valid. Neither a status of 200 nor a proper end is proof: the length must be exact, and what looks like an
/// error must be shown to be data.
/// </summary>
internal sealed class DataRequest(DownloadContext context, IDataTarget target)
{
    /// <summary>Bytes of the largest error that another node sends. It has no announced length if the server streams, and its connection may be lost like any other.</summary>
    public const int MaxErrorBytes = 4096;

    // As long as most blocks, which can then be hashed as they are written.
    private const int BufferBytes = 1024 * 1024;

    private readonly SfTransportOptions _options = context.Session.Options;
    private readonly BodyReader _reader = new(context);
    private readonly ResponseVerifier _verifier = new(context, target);
    private long _filled;

    /// <summary>Time from the last request to the head of its response.</summary>
    public TimeSpan Latency { get; private set; }

    /// <summary>
    /// Requests <paramref name="need"/> bytes from <paramref name="offset"/> on, by <c>limit</c>. A server that does not know it is asked for all the rest, and the
    /// connection is closed when enough has arrived.
    /// </summary>
    /// <exception cref="SfException">The request failed in a way that another attempt does not mend.</exception>
    public async Task<DataResponse> SendAsync(long offset, long need, bool useLimit, CancellationToken cancellationToken)
    {
        // What is received is shown as it comes, and taken back if it turns out not to be valid.
        _filled = 0;
        long valid = 0;
        try
        {
            DataResponse response = await ReceiveAsync(offset, need, useLimit, cancellationToken).ConfigureAwait(false);
            valid = response.ValidLength;
            return response;
        }
        catch (SfException e) when (e.Error == SfErrors.BlobDataMissing && context.HasReceived)
        {
            // It was there a moment ago: another node may still have it.
            return new DataResponse(ResponseEnd.Missing, 0, e.RequestId ?? string.Empty, e.Message) { Error = e };
        }
        catch (SfException e) when (SfErrors.IsTransient(e.Error))
        {
            return new DataResponse(ResponseEnd.Failed, 0, e.RequestId ?? string.Empty, e.Message.TrimEnd('.')) { Error = e };
        }
        finally
        {
            context.Progress.Advance(valid - _filled);
            context.Retry.AddPending(-_filled);
        }
    }

    /// <inheritdoc cref="ResponseVerifier.KeepsOffsetAsync"/>
    public Task<bool?> KeepsOffsetAsync(CancellationToken cancellationToken) => _verifier.KeepsOffsetAsync(cancellationToken);

    private async Task<DataResponse> ReceiveAsync(long offset, long need, bool useLimit, CancellationToken cancellationToken)
    {
        long asked = _options.TimeProvider.GetTimestamp();
        using ApiAnswer answer = await context.RequestAsync(offset, useLimit ? need : null, cancellationToken).ConfigureAwait(false);
        Latency = _options.TimeProvider.GetElapsedTime(asked);
        if (answer.ContentEncoding is { } encoding)
        {
            return new DataResponse(ResponseEnd.NotData, 0, answer.RequestId, $"the body is encoded as '{answer.Secrets.Show(encoding, 40)}', which was not requested");
        }

        long due = useLimit ? need : context.Size - offset;
        long? announced = answer.Message.Content.Headers.ContentLength;
        context.Learn(b => b.Buffers == announced is not null ? b : b with { Buffers = announced is not null });
        using CancellationTokenSource budget = new(BodyReader.RequestBudget, _options.TimeProvider);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, budget.Token);
        using IdleTimeoutReader reader = await IdleTimeoutReader.OpenAsync(answer, _options, either.Token).ConfigureAwait(false);
        byte[] buffer = ArrayPool<byte>.Shared.Rent((int)Math.Clamp(need, ErrorBodyDetector.HeadBytes, BufferBytes));
        try
        {
            DataResponse response = announced is null || announced == due
                ? await ReceiveBodyAsync(answer, reader, buffer, offset, need, lengthUnknown: announced is null, toTheEnd: need == due, cancellationToken).ConfigureAwait(false)
                : await ReceiveOtherLengthAsync(answer, reader, buffer, offset, announced.Value, due, cancellationToken).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            return response;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async Task<DataResponse> ReceiveBodyAsync(
        ApiAnswer answer, IdleTimeoutReader reader, byte[] buffer, long offset, long need, bool lengthUnknown, bool toTheEnd, CancellationToken cancellationToken)
    {
        long received = 0;
        bool suspect = false;
        while (received < need)
        {
            (int count, ResponseEnd end, string? reason) = await FillAsync(reader, buffer.AsMemory(0, PieceAt(offset + received, need - received))).ConfigureAwait(false);
            if (received == 0)
            {
                suspect = ErrorBodyDetector.LooksLikeError(buffer.AsSpan(0, count));
                if (count < MinBelieved(end, lengthUnknown))
                {
                    // What ends this early is more likely an error of another node than data, and cheap to request again.
                    return suspect
                        ? new DataResponse(ResponseEnd.NotData, 0, answer.RequestId, DescribeErrorBody(buffer.AsSpan(0, count)))
                        : new DataResponse(end, 0, answer.RequestId, reason ?? $"the server sent {count} bytes, but {need} were requested");
                }
            }

            target.Write(buffer.AsSpan(0, count), offset + received);
            received += count;
            if (!suspect)
            {
                // The last byte is certain only when the end behind it has been seen.
                target.Received(offset + Math.Min(received, need - 1));
            }

            if (end != ResponseEnd.Complete)
            {
                OffsetCheck place = suspect && !await _verifier.IsBlobDataAsync(offset, ReadBack(offset, received), buffer, cancellationToken).ConfigureAwait(false)
                    ? OffsetCheck.Failed
                    : await _verifier.IsAtOffsetAsync(offset, received, lengthUnknown, isCutOff: true, buffer, cancellationToken).ConfigureAwait(false);
                return Partial(end, received, reason ?? $"the server sent {received} bytes, but {need} were requested", place);
            }
        }

        (ResponseEnd last, int more) = lengthUnknown && toTheEnd ? await FindEndAsync(reader, buffer).ConfigureAwait(false) : (ResponseEnd.Complete, 0);
        byte[] head = ReadBack(offset, need);
        if (head.Length == need && ErrorBodyDetector.LooksLikeError([.. head, .. buffer.AsSpan(0, more)]))
        {
            // So little was requested that only what came after it shows what this is.
            suspect = true;
        }

        if (suspect && !await _verifier.IsBlobDataAsync(offset, [.. head, .. buffer.AsSpan(0, more)], buffer, cancellationToken).ConfigureAwait(false))
        {
            return new DataResponse(ResponseEnd.NotData, 0, answer.RequestId, "an error of another node was sent instead of the data");
        }

        // A body that is not read to its end does not show whether it is too long.
        OffsetCheck check = toTheEnd ? OffsetCheck.Confirmed
            : await _verifier.IsAtOffsetAsync(offset, need, lengthUnknown, isCutOff: false, buffer, cancellationToken).ConfigureAwait(false);
        return last switch
        {
            _ when check == OffsetCheck.Failed => new DataResponse(ResponseEnd.TooLong, 0, answer.RequestId, "the server ignored the requested offset"),
            ResponseEnd.TooLong => new DataResponse(last, 0, answer.RequestId, $"the server sent more than the {need} bytes that were requested"),

            // A server that ignores the offset sends more than is due, and its connection may be lost just here. The last byte, requested alone, will tell.
            ResponseEnd.Dropped => Partial(
                last, need - 1, "the connection was lost at the end of the response",
                await _verifier.IsAtOffsetAsync(offset, need - 1, lengthUnknown, isCutOff: true, buffer, cancellationToken).ConfigureAwait(false)),
            _ => new DataResponse(last, need, answer.RequestId) { IsConfirmed = check == OffsetCheck.Confirmed },
        };

        DataResponse Partial(ResponseEnd end, long length, string reason, OffsetCheck place) =>
            new(end, place == OffsetCheck.Failed ? 0 : length, answer.RequestId, reason) { IsConfirmed = place == OffsetCheck.Confirmed };
    }

    /// <summary>Bytes that a body must have brought, ending as it did, for any of them to be valid.</summary>
    private static int MinBelieved(ResponseEnd end, bool lengthUnknown) => end switch
    {
        ResponseEnd.Complete => 0,
        ResponseEnd.TooShort => ErrorBodyDetector.HeadBytes,
        _ => lengthUnknown ? MaxErrorBytes : 0,
    };

    /// <summary>Bytes of the next piece: up to the next multiple of its length, where blocks begin, but enough to see how a body begins.</summary>
    private static int PieceAt(long offset, long left)
    {
        long aligned = BufferBytes - (offset % BufferBytes);
        return (int)Math.Min(aligned < ErrorBodyDetector.HeadBytes ? BufferBytes : aligned, left);
    }

    /// <summary>Fills the buffer with data of the blob. It is less than full only when the body ended or the connection was lost.</summary>
    private async ValueTask<(int Count, ResponseEnd End, string? Reason)> FillAsync(IdleTimeoutReader reader, Memory<byte> buffer)
    {
        (int Count, ResponseEnd End, string? Reason) result = await _reader.ReadAsync(reader, buffer, isData: true).ConfigureAwait(false);
        _filled += result.Count;
        if (result.Count > 0)
        {
            context.MarkReceived();
        }

        return result;
    }

    /// <summary>The announced length is not the requested one: shorter is an error in the place of data or a damaged file, longer a server that ignores the parameters.</summary>
    private async Task<DataResponse> ReceiveOtherLengthAsync(
        ApiAnswer answer, IdleTimeoutReader reader, byte[] buffer, long offset, long announced, long need, CancellationToken cancellationToken)
    {
        (int count, _, _) = await _reader.ReadAsync(reader, buffer.AsMemory(0, (int)Math.Min(ErrorBodyDetector.HeadBytes, announced)), isData: false).ConfigureAwait(false);
        DataResponse other = new(
            announced < need ? ResponseEnd.TooShort : ResponseEnd.TooLong, 0, answer.RequestId, $"the server announced {announced} bytes, but {need} were requested");
        if (!ErrorBodyDetector.LooksLikeError(buffer.AsSpan(0, count)))
        {
            return other;
        }

        DataResponse error = new(ResponseEnd.NotData, 0, answer.RequestId, DescribeErrorBody(buffer.AsSpan(0, count)));
        return announced > need && await _verifier.IsBlobDataAsync(offset, buffer.AsSpan(0, count).ToArray(), buffer, cancellationToken).ConfigureAwait(false) ? other : error;
    }

    /// <summary>All that was requested has arrived: whether the body ends with it, is cut off before its end, or continues, and then the bytes with which it does.</summary>
    private static async Task<(ResponseEnd End, int More)> FindEndAsync(IdleTimeoutReader reader, byte[] buffer)
    {
        try
        {
            int more = await reader.ReadAsync(buffer.AsMemory(0, ResponseVerifier.SampleBytes)).ConfigureAwait(false);
            return (more > 0 ? ResponseEnd.TooLong : ResponseEnd.Complete, more);
        }
        catch (Exception e) when (e is IOException or SfException or OperationCanceledException)
        {
            return (ResponseEnd.Dropped, 0);
        }
    }

    /// <summary>The first bytes of what was just written at <paramref name="offset"/>.</summary>
    private byte[] ReadBack(long offset, long length)
    {
        byte[] head = new byte[(int)Math.Min(ResponseVerifier.SampleBytes + 1, length)];
        _ = target.Read(head, offset);
        return head;
    }

    private string DescribeErrorBody(ReadOnlySpan<byte> body) =>
        $"the response of another node was sent instead of the data: {AnswerErrors.ReasonIn(body, context.Session.Secrets) ?? "not readable"}";
}
