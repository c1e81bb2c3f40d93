using ShakenFist.Blobs.Http;

namespace ShakenFist.Blobs.Transfer;

/// <summary>What is known of whether a response started at the offset that was requested.</summary>
internal enum OffsetCheck
{
    /// <summary>It did.</summary>
    Confirmed,

    /// <summary>It was not checked, since the hash of the blob will tell.</summary>
    Skipped,

    /// <summary>It did not, or it cannot be shown that it did.</summary>
    Failed,
}

/// <summary>Checks what a response brought by requesting a little of it again.</summary>
internal sealed class ResponseVerifier(DownloadContext context, IDataTarget target)
{
    /// <summary>Bytes that are compared to tell data from an error.</summary>
    public const int SampleBytes = 64;

    // Bytes that are compared to tell data from data of another place. Disks contain many equal pages: 64 bytes, or one page, would not be enough.
    private const int PlaceSampleBytes = 8192;

    // Equal bytes are proof. Different ones may be another failure, and much data depends on it.
    private const int Attempts = 3;

    // How far back such bytes are searched for.
    private const int MaxSearchBytes = 16 * 1024 * 1024;

    private readonly BodyReader _reader = new(context);

    /// <summary>
    /// Whether the server starts at the requested offset, which one that sends more than the limit may not do either. A request from the last byte on has one byte to return.
    /// Null if the connection was lost.
    /// </summary>
    /// <exception cref="SfException">There was no response.</exception>
    public async Task<bool?> KeepsOffsetAsync(CancellationToken cancellationToken)
    {
        using ApiAnswer answer = await context.RequestAsync(context.Size - 1, limit: null, cancellationToken).ConfigureAwait(false);
        using IdleTimeoutReader reader = await IdleTimeoutReader.OpenAsync(answer, context.Session.Options, cancellationToken).ConfigureAwait(false);
        (int count, ResponseEnd end, _) = await _reader.ReadAsync(reader, new byte[2], isData: false).ConfigureAwait(false);
        return end is ResponseEnd.Dropped or ResponseEnd.TooSlow ? null : count == 1 && end == ResponseEnd.TooShort;
    }

    /// <summary>Whether data that looks like an error is data: requests it again.</summary>
    public async Task<bool> IsBlobDataAsync(long offset, byte[] head, byte[] buffer, CancellationToken cancellationToken)
    {
        context.Log.Verbose("The data starts like an error message. Requesting it again, one byte later, to check whether it is one.");
        return await RefetchMatchesAsync(offset, head[..Math.Min(head.Length, SampleBytes + 1)], buffer, cancellationToken).ConfigureAwait(false) == true;
    }

    /// <summary>
    /// Whether the bytes of a body whose end was not seen are those of their place. A server that ignores the offset sends too many bytes in the end, and nothing else shows
    /// it. If no hash of the whole blob will tell, some of the bytes are requested again.
    /// </summary>
    public async Task<OffsetCheck> IsAtOffsetAsync(long offset, long received, bool lengthUnknown, bool isCutOff, byte[] buffer, CancellationToken cancellationToken)
    {
        // What precedes a lost connection may not be data, even if the response began as it must.
        bool isPlaceKnown = offset == 0 || !lengthUnknown;
        if (received == 0 || (isPlaceKnown && !isCutOff))
        {
            return OffsetCheck.Confirmed;
        }

        if (context.HasFinalHash)
        {
            return OffsetCheck.Skipped;
        }

        context.Log.Verbose("The response was cut off, and no hash is available to confirm its data. Requesting part of it again.");
        (long At, byte[] Bytes)? sample = FindSample(offset, offset + received, buffer);

        // A run of one byte is the same one byte later, wherever it is. Then the server must honor the offset now. The same applies if the sample repeats the start of
        // the response, because a server that ignores the offset sends that start again.
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

        // If the cluster is away, only the place of the data could have been in doubt.
        return isPlaceKnown && !differs ? OffsetCheck.Confirmed : OffsetCheck.Failed;
    }

    /// <summary>Some of the bytes that were just written that are not all equal, from the last ones on. Null if there are none in the last few MiB.</summary>
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
    /// Requests the same place one byte later. Data of this place moves by that byte. An error, and the data of a server that ignores the offset, begin at their beginning
    /// again.
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
