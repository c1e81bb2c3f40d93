using System.Buffers;
using ShakenFist.Blobs.Http;

namespace ShakenFist.Blobs.Transfer;

/// <summary>
/// Sends one data request and decides how many of the received bytes are valid. Status 200 and a complete body are not enough: the length must match exactly, and a
/// body that looks like an error must be verified.
/// </summary>
internal sealed class DataRequest(DownloadContext context, IDataTarget target)
{
    /// <summary>
    /// Maximum size of an error that another node sends in place of data. If the server streams, the error has no announced length, and its connection can be lost.
    /// </summary>
    public const int MaxErrorBytes = 4096;

    // The size of most blocks, so that a block can be hashed while it is written.
    private const int BufferBytes = 1024 * 1024;

    private readonly SfTransportOptions _options = context.Session.Options;
    private readonly BodyReader _reader = new(context);
    private readonly ResponseVerifier _verifier = new(context, target);
    private long _filled;

    /// <summary>Time from the last request to its response headers.</summary>
    public TimeSpan Latency { get; private set; }

    /// <summary>
    /// Requests <paramref name="need"/> bytes from <paramref name="offset"/> with the parameter <c>limit</c>. A server that does not support it sends all remaining
    /// data, and the connection is closed when enough has been received.
    /// </summary>
    /// <exception cref="SfException">The request failed, and another attempt would not help.</exception>
    public async Task<DataResponse> SendAsync(long offset, long need, bool useLimit, CancellationToken cancellationToken)
    {
        // Received bytes are shown as progress immediately, and subtracted later if they are not valid.
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
            // The data was available before. Another node may still have it.
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
        context.AddOffset(offset);
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
                    // A response this short is more likely an error of another node than data. Requesting it again is cheap.
                    return suspect
                        ? new DataResponse(ResponseEnd.NotData, 0, answer.RequestId, DescribeErrorBody(buffer.AsSpan(0, count)))
                        : new DataResponse(end, 0, answer.RequestId, reason ?? $"the server sent {count} bytes, but {need} were requested");
                }
            }

            target.Write(buffer.AsSpan(0, count), offset + received);
            received += count;
            if (!suspect)
            {
                // The last byte is only confirmed when the end of the body is reached.
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
            // The requested range is so short that only the bytes after it show whether the body is an error.
            suspect = true;
        }

        if (suspect && !await _verifier.IsBlobDataAsync(offset, [.. head, .. buffer.AsSpan(0, more)], buffer, cancellationToken).ConfigureAwait(false))
        {
            return new DataResponse(ResponseEnd.NotData, 0, answer.RequestId, "an error of another node was sent instead of the data");
        }

        // If the body is not read to its end, it is not known whether it is too long.
        OffsetCheck check = toTheEnd ? OffsetCheck.Confirmed
            : await _verifier.IsAtOffsetAsync(offset, need, lengthUnknown, isCutOff: false, buffer, cancellationToken).ConfigureAwait(false);
        return last switch
        {
            _ when check == OffsetCheck.Failed => new DataResponse(ResponseEnd.TooLong, 0, answer.RequestId, "the server ignored the requested offset"),
            ResponseEnd.TooLong => new DataResponse(last, 0, answer.RequestId, $"the server sent more than the {need} bytes that were requested"),

            // A server that ignores the offset sends too much data, and the connection can be lost just before that shows. A request for the last byte alone settles
            // it.
            ResponseEnd.Dropped => Partial(
                last, need - 1, "the connection was lost at the end of the response",
                await _verifier.IsAtOffsetAsync(offset, need - 1, lengthUnknown, isCutOff: true, buffer, cancellationToken).ConfigureAwait(false)),
            _ => new DataResponse(last, need, answer.RequestId) { IsConfirmed = check == OffsetCheck.Confirmed },
        };

        DataResponse Partial(ResponseEnd end, long length, string reason, OffsetCheck place) =>
            new(end, place == OffsetCheck.Failed ? 0 : length, answer.RequestId, reason) { IsConfirmed = place == OffsetCheck.Confirmed };
    }

    /// <summary>Minimum length of a body, depending on how it ended, for any of its bytes to be valid.</summary>
    private static int MinBelieved(ResponseEnd end, bool lengthUnknown) => end switch
    {
        ResponseEnd.Complete => 0,
        ResponseEnd.TooShort => ErrorBodyDetector.HeadBytes,
        _ => lengthUnknown ? MaxErrorBytes : 0,
    };

    /// <summary>
    /// Returns the length of the next piece. A piece ends at a multiple of the buffer size, which is also a block boundary, but is long enough to check how the body
    /// begins.
    /// </summary>
    private static int PieceAt(long offset, long left)
    {
        long aligned = BufferBytes - (offset % BufferBytes);
        return (int)Math.Min(aligned < ErrorBodyDetector.HeadBytes ? BufferBytes : aligned, left);
    }

    /// <summary>Fills the buffer with data of the blob. The buffer is only partly filled if the body ended or the connection was lost.</summary>
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

    /// <summary>
    /// Receives a body whose announced length is not the requested one. A shorter body is an error instead of data, or comes from a damaged file. A longer body comes
    /// from a server that ignores the parameters.
    /// </summary>
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

    /// <summary>
    /// Checks what follows the requested bytes: the end of the body, a lost connection, or more data. Returns the number of additional bytes in the buffer.
    /// </summary>
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

    /// <summary>Reads back the first bytes that were written at <paramref name="offset"/>.</summary>
    private byte[] ReadBack(long offset, long length)
    {
        byte[] head = new byte[(int)Math.Min(ResponseVerifier.SampleBytes + 1, length)];
        _ = target.Read(head, offset);
        return head;
    }

    private string DescribeErrorBody(ReadOnlySpan<byte> body) =>
        $"the response of another node was sent instead of the data: {AnswerErrors.ReasonIn(body, context.Session.Secrets) ?? "its text cannot be read"}";
}
