namespace ShakenFist.Blobs.Transfer;

/// <summary>
/// A node that fetches data from another one passes on whatever that one says, under status 200: an error of the API or a page of a front end
/// may stand where the blob's bytes should be. This tells what begins like one. A blob may begin so too: a suspicion has to be settled, it is no proof.
/// </summary>
internal static class BodyScreen
{
    /// <summary>Bytes after which a body that does not look like an error is taken for data. Errors are far smaller.</summary>
    public const int HeadBytes = 64 * 1024;

    /// <summary>Whether the body begins as errors and pages begin.</summary>
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
