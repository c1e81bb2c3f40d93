namespace ShakenFist.Blobs.Transfer;

/// <summary>
/// The server interprets the body of every request as JSON arguments if it can, so a chunk of a file that is valid JSON is refused, or appended to another upload.
/// Such a chunk is sent with one more byte, which is truncated afterward.
/// </summary>
internal static class JsonGuard
{
    /// <summary>The additional byte. It occurs in no UTF-8 text, and cannot be the last byte of JSON in UTF-16 or UTF-32. A zero byte could complete such JSON.</summary>
    public const byte Byte = 0xFF;

    // White space of JSON, the zero bytes of UTF-16 and UTF-32, and the bytes of byte order marks.
    private static readonly System.Buffers.SearchValues<byte> Ignored = System.Buffers.SearchValues.Create([0, (byte)' ', (byte)'\t', (byte)'\r', (byte)'\n', 0xEF, 0xBB, 0xBF, 0xFE, 0xFF]);

    /// <summary>Whether a chunk can be a JSON value that the server does not ignore, by its first and last significant bytes. Null, false, and blank text are stored as data.</summary>
    public static bool IsNeeded(ReadOnlySpan<byte> chunk)
    {
        int first = chunk.IndexOfAnyExcept(Ignored);
        if (first < 0)
        {
            return false;
        }

        byte last = chunk[chunk.LastIndexOfAnyExcept(Ignored)];
        return chunk[first] switch
        {
            (byte)'{' => last == '}',
            (byte)'[' => last == ']',
            (byte)'"' => last == '"',
            (byte)'t' => last == 'e',
            (byte)'N' => last == 'N',
            (byte)'I' => last == 'y',
            (byte)'-' => last == 'y' || IsDigit(last),
            byte digit => IsDigit(digit) && IsDigit(last),
        };
    }

    private static bool IsDigit(byte value) => value is >= (byte)'0' and <= (byte)'9';
}
