namespace ShakenFist.Blobs.Transfer;

/// <summary>Reads ranges of a blob into memory by the same rules as whole blobs are saved: exact lengths, errors told from data, drops resumed.</summary>
internal static class BlobRange
{
    /// <summary>Length of the blob's data.</summary>
    /// <exception cref="SfException"><see cref="SfErrors.BlobNotReady"/> if it has none yet.</exception>
    public static long SizeOf(SfBlob blob) => blob is { Size: > 0, State: not "initial" }
        ? blob.Size.Value
        : throw new SfException(SfErrors.BlobNotReady, $"Blob {blob.Uuid:D} has no data yet: its state is '{ServerText.Clean(blob.State, 40)}'.");

    /// <summary>The <paramref name="count"/> bytes from <paramref name="offset"/> on, which have to lie inside the blob.</summary>
    public static async Task<byte[]> ReadAsync(SfSession session, SfBlob blob, long offset, int count, ISfLog log, CancellationToken cancellationToken)
    {
        long size = SizeOf(blob);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, size - offset);
        if (count == 0)
        {
            return [];
        }

        // Errors are told from data by their length and their first bytes, and a few bytes show neither.
        int length = (int)Math.Min(Math.Max(count, WindowFetch.LargestError), size);
        long start = Math.Min(offset, size - length);
        MemoryWindow window = new(start, length);
        RangeFetch fetch = new(session, blob.Uuid, size, window, hasher: null, new DownloadProgress(), log);
        await fetch.RunAsync(start, start + length, cancellationToken).ConfigureAwait(false);
        return length == count ? window.ToArray() : window.ToArray().AsSpan((int)(offset - start), count).ToArray();
    }
}
