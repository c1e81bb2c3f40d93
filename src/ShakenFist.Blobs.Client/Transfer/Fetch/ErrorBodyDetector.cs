namespace ShakenFist.Blobs.Transfer;

/// <summary>
/// Detects a body that begins like an error. A node that fetches data from another node forwards its response with status 200, so the body can be an API error or an
/// HTML page instead of data. A blob can begin in the same way, so the body must still be verified.
/// </summary>
internal static class ErrorBodyDetector
{
    /// <summary>Number of bytes after which a body that does not look like an error is accepted as data. Errors are much smaller.</summary>
    public const int HeadBytes = 64 * 1024;

    /// <summary>Whether the body begins like an API error or an HTML page.</summary>
    public static bool LooksLikeError(ReadOnlySpan<byte> head)
    {
        ReadOnlySpan<byte> text = head.TrimStart(" \t\r\n"u8);
        if (text.StartsWith("{"u8))
        {
            return text[1..].TrimStart(" \t\r\n"u8).StartsWith("\""u8);
        }

        // A tag, a doctype or comment, or an XML declaration.
        return text.Length > 1 && text[0] == '<' && (char.IsAsciiLetter((char)text[1]) || text[1] is (byte)'!' or (byte)'?');
    }
}
