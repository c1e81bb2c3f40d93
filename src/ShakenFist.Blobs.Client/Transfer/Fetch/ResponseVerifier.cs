using ShakenFist.Blobs.Http;

namespace ShakenFist.Blobs.Transfer;

/// <summary>Specifies whether a response started at the requested offset.</summary>
internal enum OffsetCheck
{
    /// <summary>The response started at the offset.</summary>
    Confirmed,

    /// <summary>Not checked, because the data is verified at the end with the hash of the blob.</summary>
    Skipped,

    /// <summary>The response did not start at the offset, or this could not be verified.</summary>
    Failed,
}

/// <summary>Verifies a response by requesting part of its data again.</summary>
internal sealed class ResponseVerifier(DownloadContext context, IDataTarget target)
{
    /// <summary>Number of bytes to compare when data must be distinguished from an error.</summary>
    public const int SampleBytes = 64;

    // Number of bytes to compare when data must be distinguished from data at another offset. Disks contain many equal pages, so 64 bytes or one page are not enough.
    private const int PlaceSampleBytes = 8192;

    // Equal bytes verify the response. If they differ, another failure may be the cause, so the check is repeated before data is discarded.
    private const int Attempts = 3;

    // How far back a usable sample is searched for.
    private const int MaxSearchBytes = 16 * 1024 * 1024;

    private readonly BodyReader _reader = new(context);

    /// <summary>
    /// Whether the server starts at the requested offset. A server that ignores <c>limit</c> may also ignore the offset. The check requests data from the last byte,
    /// which must return one byte. Null if the connection was lost.
    /// </summary>
    /// <exception cref="SfException">There was no response.</exception>
    public async Task<bool?> KeepsOffsetAsync(CancellationToken cancellationToken)
    {
        using ApiAnswer answer = await context.RequestAsync(context.Size - 1, limit: null, cancellationToken).ConfigureAwait(false);
        using IdleTimeoutReader reader = await IdleTimeoutReader.OpenAsync(answer, context.Session.Options, cancellationToken).ConfigureAwait(false);
        (int count, ResponseEnd end, _) = await _reader.ReadAsync(reader, new byte[2], isData: false).ConfigureAwait(false);
        return end is ResponseEnd.Dropped or ResponseEnd.TooSlow ? null : count == 1 && end == ResponseEnd.TooShort;
    }

    /// <summary>Requests data that looks like an error again, and returns whether it is data.</summary>
    public async Task<bool> IsBlobDataAsync(long offset, byte[] head, byte[] buffer, CancellationToken cancellationToken)
    {
        context.Log.Verbose("The data starts like an error message. Requesting it again from the next byte on, to check whether it is an error message.");
        return await RefetchMatchesAsync(offset, head[..Math.Min(head.Length, SampleBytes + 1)], buffer, cancellationToken).ConfigureAwait(false) == true;
    }

    /// <summary>
    /// Checks whether the bytes of a body that was not read to its end belong to the requested offset. A server that ignores the offset sends too many bytes, but that
    /// only shows at the end of the body. If there is no hash of the whole blob, some of the bytes are requested again.
    /// </summary>
    public async Task<OffsetCheck> IsAtOffsetAsync(long offset, long received, bool lengthUnknown, bool isCutOff, byte[] buffer, CancellationToken cancellationToken)
    {
        // The bytes before a lost connection may not be data, even if the response headers were correct.
        bool isPlaceKnown = offset == 0 || !lengthUnknown;
        if (received == 0 || (isPlaceKnown && !isCutOff))
        {
            return OffsetCheck.Confirmed;
        }

        if (context.IsVerifiedLater)
        {
            return OffsetCheck.Skipped;
        }

        context.Log.Verbose("The response was cut off, and no hash is available to confirm its data. Requesting part of it again.");
        (long At, byte[] Bytes)? sample = FindSample(offset, offset + received, buffer);

        // If the sample contains only one byte value, it is the same at any offset. If it repeats the start of the response, a server that ignores the offset would
        // send the same bytes. In both cases, check separately that the server honors the offset now.
        bool isAmbiguous = !isPlaceKnown
            && (sample is not (_, byte[] found) || buffer.AsSpan(0, target.Read(buffer.AsSpan(0, found.Length - 1), offset)).SequenceEqual(found.AsSpan(1)));
        bool differs = false;
        for (int attempt = 1; attempt <= Attempts; attempt++)
        {
            bool? matches = sample is not (long at, byte[] bytes) ? true : await RefetchMatchesAsync(at, bytes, buffer, cancellationToken).ConfigureAwait(false);
            if (matches == true && (!isAmbiguous || await KeepsOffsetNowAsync(cancellationToken).ConfigureAwait(false)))
            {
                return OffsetCheck.Confirmed;
            }

            differs |= matches == false;
        }

        // If the cluster does not respond, accept the data only if its offset is known.
        return isPlaceKnown && !differs ? OffsetCheck.Confirmed : OffsetCheck.Failed;
    }

    /// <summary>Finds a sample, starting at the end of the bytes that were just written, whose bytes are not all equal. Null if the last few MiB contain none.</summary>
    private (long At, byte[] Bytes)? FindSample(long from, long to, byte[] buffer)
    {
        for (long end = to; end > from && to - end < MaxSearchBytes;)
        {
            int count = (int)Math.Min(PlaceSampleBytes + 1, end - from);
            Span<byte> bytes = buffer.AsSpan(0, target.Read(buffer.AsSpan(0, count), end - count));
            if (bytes.Length > 1 && bytes.ContainsAnyExcept(bytes[0]))
            {
                return (end - count, bytes.ToArray());
            }

            end -= count;
        }

        return null;
    }

    private async Task<bool> KeepsOffsetNowAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await KeepsOffsetAsync(cancellationToken).ConfigureAwait(false) == true;
        }
        catch (SfException)
        {
            return false;
        }
    }

    /// <summary>
    /// Requests the sample again, from one byte later. Data moves by that byte. An error, or the data of a server that ignores the offset, starts from its own
    /// beginning again. Null if the result is not known.
    /// </summary>
    private async Task<bool?> RefetchMatchesAsync(long offset, byte[] head, byte[] buffer, CancellationToken cancellationToken)
    {
        int wanted = head.Length - 1;
        try
        {
            using ApiAnswer answer = await context.RequestAsync(offset + 1, wanted, cancellationToken).ConfigureAwait(false);
            using IdleTimeoutReader reader = await IdleTimeoutReader.OpenAsync(answer, context.Session.Options, cancellationToken).ConfigureAwait(false);
            (int count, _, _) = await _reader.ReadAsync(reader, buffer.AsMemory(0, wanted), isData: false).ConfigureAwait(false);
            bool matches = buffer.AsSpan(0, count).SequenceEqual(head.AsSpan(1, count));
            return matches && count < wanted ? null : matches;
        }
        catch (SfException e)
        {
            context.Log.Verbose($"The check failed: {e.Message}");
            return null;
        }
    }
}
