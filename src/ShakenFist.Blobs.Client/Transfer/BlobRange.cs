using System.Globalization;

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
        FetchContext context = new(session, blob.Uuid, size, new SfTransferLimits(1), new DownloadProgress(), log);
        try
        {
            if (!await new RangeFetch(context, window).RunAsync(start, start + length, cancellationToken).ConfigureAwait(false))
            {
                throw new SfException(SfErrors.DataLengthMismatch, $"The data of blob {blob.Uuid:D}: the server sends it from its beginning, whatever part of it is asked for.");
            }
        }
        catch (SfException e) when (window.Arrived > 0)
        {
            string arrived = string.Create(CultureInfo.InvariantCulture, $"{window.Arrived} of {length} bytes had arrived.");
            throw new SfException(e.Error, $"{e.Message} {arrived}", e) { StatusCode = e.StatusCode, RequestId = e.RequestId };
        }

        return length == count ? window.ToArray() : window.ToArray().AsSpan((int)(offset - start), count).ToArray();
    }
}
