namespace ShakenFist.Blobs.Transfer;

/// <summary>
/// Recognizes a body that begins like an error. A node that fetches data from another one passes on whatever that one returns, under status 200, so an error of the API or
/// an HTML page may take the place of the data. A blob may begin in the same way, so the body still has to be checked.
/// </summary>
internal static class ErrorBodyDetector
{
    /// <summary>Bytes after which a body that does not look like an error is taken for data. Errors are far smaller.</summary>
    public const int HeadBytes = 64 * 1024;

    /// <summary>Whether the body begins as errors and HTML pages begin.</summary>
    public static bool LooksLikeError(ReadOnlySpan<byte> head)
    {
        ReadOnlySpan<byte> text = head.TrimStart(" \t\r\n"u8);
        if (text.StartsWith("{"u8))
        {
            return text[1..].TrimStart(" \t\r\n"u8).StartsWith("\""u8);
        }

        // A tag, a doctype or comment, an XML declaration.
        return text.Length > 1 && text[0] == '<' && (char.IsAsciiLetter((char)text[1]) || text[1] is (byte)'!' or (byte)'?');
    }
}
