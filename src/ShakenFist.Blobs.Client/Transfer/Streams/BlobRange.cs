namespace ShakenFist.Blobs.Transfer;

/// <summary>Reads ranges of a blob into memory with the same checks as a save: exact lengths, detection of errors, verified offsets, and retries.</summary>
internal static class BlobRange
{
    /// <summary>Returns the length of the data of a blob.</summary>
    /// <exception cref="SfException"><see cref="SfErrors.BlobNotReady"/> if the blob has no data yet.</exception>
    public static long SizeOf(SfBlob blob) => blob is { Size: > 0, State: not "initial" }
        ? blob.Size.Value
        : throw new SfException(SfErrors.BlobNotReady, $"Blob {blob.Uuid:D} has no data yet: its state is '{ServerText.Clean(blob.State, 40)}'.");

    /// <summary>Reads <paramref name="count"/> bytes from <paramref name="offset"/>. The range must be within the blob.</summary>
    /// <param name="session">The session.</param>
    /// <param name="blob">The blob.</param>
    /// <param name="offset">First byte.</param>
    /// <param name="count">Number of bytes.</param>
    /// <param name="retryTimeout">How long to continue without receiving data, as in <see cref="SfBlobSaveOptions.RetryTimeout"/>.</param>
    /// <param name="log">Receives a message for each request.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="SfException">The range cannot be read.</exception>
    public static async Task<byte[]> ReadAsync(SfSession session, SfBlob blob, long offset, int count, TimeSpan retryTimeout, ISfLog log, CancellationToken cancellationToken)
    {
        long size = SizeOf(blob);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, size - offset);
        if (count == 0)
        {
            return [];
        }

        // Errors are detected by the length and the first bytes of a body. A very short response shows neither.
        int length = (int)Math.Min(Math.Max(count, DataRequest.MaxErrorBytes), size);
        long start = Math.Min(offset, size - length);
        MemoryTarget memory = new(start, length);
        using RetryClock retry = new(retryTimeout, session.Options.TimeProvider);
        retry.SetLeft(() => length - memory.ValidLength);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, retry.Token);
        DownloadContext context = new(session, blob.Uuid, size, new SfTransferLimits(1), retry, new DownloadProgress(), log);
        try
        {
            using ConnectionLease lease = await ConnectionLease.TakeAsync(context, either.Token).ConfigureAwait(false);
            if (await new RangeFetch(context, memory).RunAsync(start, start + length, lease, either.Token).ConfigureAwait(false) != RangeOutcome.Complete)
            {
                throw new SfException(SfErrors.DataLengthMismatch, $"Cannot read a range of blob {blob.Uuid:D}: the server ignores the requested offset.");
            }
        }
        catch (OperationCanceledException) when (retry.Token.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw WithDetail(retry.ToException(blob.Uuid));
        }
        catch (SfException e) when (memory.ValidLength > 0)
        {
            throw WithDetail(e);
        }

        return length == count ? memory.ToArray() : memory.ToArray().AsSpan((int)(offset - start), count).ToArray();

        SfException WithDetail(SfException e) => memory.ValidLength == 0 ? e : new SfException(
            e.Error, $"{e.Message} {ErrorText.Received(memory.ValidLength, length)}", e.InnerException ?? e)
        {
            StatusCode = e.StatusCode,
            RequestId = e.RequestId,
        };
    }
}
