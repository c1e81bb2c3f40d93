using ShakenFist.Blobs.Http;

namespace ShakenFist.Blobs.Transfer;

/// <summary>Settles doubts about what a window has brought, by asking for a little of it again.</summary>
internal sealed class WindowDoubt(FetchContext context, IWindowTarget target)
{
    /// <summary>Bytes that are compared to tell data from an error.</summary>
    public const int Sample = 64;

    // Bytes that are compared to tell data from data of another place. Disks hold much that is alike: of 64 bytes, or of one page, there may be many copies.
    private const int PlaceSample = 8192;

    // What comes again is proof; what does not may be another misfortune, and much is at stake.
    private const int Attempts = 3;

    // How far back such bytes are looked for.
    private const int MostSearched = 16 * 1024 * 1024;

    private readonly SfTransportOptions _options = context.Session.Options;
    private readonly BodyReader _reader = new(context);

    /// <summary>
    /// Whether the server begins where it is told to, which one that sends more than the limit may not either. Asked from the last byte on, it has one byte to send.
    /// </summary>
    public async Task<bool> HonoursOffsetAsync(CancellationToken cancellationToken)
    {
        using ApiAnswer answer = await context.RequestAsync(context.Size - 1, limit: null, cancellationToken).ConfigureAwait(false);
        using IdleTimeoutReader reader = await IdleTimeoutReader.OpenAsync(answer, _options, cancellationToken).ConfigureAwait(false);
        (int count, WindowEnd end, _) = await _reader.ReadAsync(reader, new byte[2], show: false).ConfigureAwait(false);
        return count == 1 && end == WindowEnd.TooShort;
    }

    /// <summary>Settles the suspicion that what came is an error: asks for it again.</summary>
    public Task<bool> IsDataAsync(long offset, byte[] head, byte[] block, CancellationToken cancellationToken)
    {
        context.Log.Verbose("The data begins as an error message does: asking for it one byte further on, to see whether it is one.");
        return ComesAgainAsync(offset, head[..Math.Min(head.Length, Sample + 1)], block, cancellationToken);
    }

    /// <summary>
    /// Whether the bytes of a body whose end was not seen are those of their place. A server that ignores the offset sends too many in the end, and only that would show
    /// it. Where no hash of the whole will tell, some of them are asked for again.
    /// </summary>
    public async Task<bool> IsFromHereAsync(long offset, long received, bool lengthUnknown, byte[] block, CancellationToken cancellationToken)
    {
        if (context.IsProven || offset == 0 || received == 0 || !lengthUnknown)
        {
            return true;
        }

        context.Log.Verbose("The end of the answer was not seen, and no hash will show whether it began where it was told to: asking for some of it again.");
        (long At, byte[] Bytes)? telling = FindTelling(offset, offset + received, block);
        for (int attempt = 1; attempt <= Attempts; attempt++)
        {
            // Nothing but one byte over and over is the same a little further on, whatever the place: then it has to do that the offset is honoured now.
            if (telling is (long at, byte[] bytes)
                ? await ComesAgainAsync(at, bytes, block, cancellationToken).ConfigureAwait(false)
                : await HonoursOffsetNowAsync(cancellationToken).ConfigureAwait(false))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Some of the bytes that were just written that are not all the same, from the last ones on; null if there are none in the last few MiB.</summary>
    private (long At, byte[] Bytes)? FindTelling(long from, long to, byte[] block)
    {
        for (long end = to; end > from && to - end < MostSearched;)
        {
            int count = (int)Math.Min(PlaceSample + 1, end - from);
            Span<byte> bytes = block.AsSpan(0, target.Read(block.AsSpan(0, count), end - count));
            if (bytes.Length > 1 && bytes.ContainsAnyExcept(bytes[0]))
            {
                return (end - count, bytes.ToArray());
            }

            end -= count;
        }

        return null;
    }

    private async Task<bool> HonoursOffsetNowAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await HonoursOffsetAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (SfException)
        {
            return false;
        }
    }

    /// <summary>
    /// Asks for the same place one byte further on. Data of this place moves along by that byte; an error, and the data of a server that ignores the offset, begin at
    /// their beginning again.
    /// </summary>
    private async Task<bool> ComesAgainAsync(long offset, byte[] head, byte[] block, CancellationToken cancellationToken)
    {
        int wanted = head.Length - 1;
        try
        {
            using ApiAnswer answer = await context.RequestAsync(offset + 1, wanted, cancellationToken).ConfigureAwait(false);
            using IdleTimeoutReader reader = await IdleTimeoutReader.OpenAsync(answer, _options, cancellationToken).ConfigureAwait(false);
            (int count, _, _) = await _reader.ReadAsync(reader, block.AsMemory(0, wanted), show: false).ConfigureAwait(false);
            return block.AsSpan(0, count).SequenceEqual(head.AsSpan(1, wanted));
        }
        catch (SfException e)
        {
            context.Log.Verbose($"It could not be settled: {e.Message}");
            return false;
        }
    }
}
