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
        MemoryWindow window = new(offset, count);
        RangeFetch fetch = new(session, blob.Uuid, SizeOf(blob), window, hasher: null, new DownloadProgress(), log);
        await fetch.RunAsync(offset, offset + count, cancellationToken).ConfigureAwait(false);
        return window.ToArray();
    }
}
