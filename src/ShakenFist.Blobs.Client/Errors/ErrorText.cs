using System.Globalization;

namespace ShakenFist.Blobs;

/// <summary>Formats text that many messages contain.</summary>
internal static class ErrorText
{
    /// <summary>The text with one full stop at its end.</summary>
    public static string Sentence(string text) => Clause(text) + ".";

    /// <summary>The text without a full stop at its end, to be continued.</summary>
    public static string Clause(string text) => text.TrimEnd(' ', '.');

    /// <summary>The texts as sentences, one after the other. Empty texts are left out.</summary>
    public static string Sentences(params string[] texts)
    {
        List<string> sentences = [];
        foreach (string text in texts)
        {
            if (Clause(text).Length > 0)
            {
                sentences.Add(Sentence(text.TrimStart()));
            }
        }

        return string.Join(' ', sentences);
    }

    /// <summary>Two numbers of bytes as the views show them. If that hides their difference, both are written in full.</summary>
    public static (string One, string Other) Different(long one, long other) => Bytes(one) != Bytes(other) ? (Bytes(one), Bytes(other))
        : (string.Create(CultureInfo.InvariantCulture, $"{one:N0} bytes"), string.Create(CultureInfo.InvariantCulture, $"{other:N0} bytes"));

    /// <summary>The text as a sentence that contains the request ID.</summary>
    public static string WithRequestId(string text, string requestId) =>
        text.Contains(requestId, StringComparison.Ordinal) ? Sentence(text) : $"{Clause(text)} (request id {requestId}).";

    /// <summary>How much of a transfer was received, as a sentence.</summary>
    public static string Received(long bytes, long size) => $"{Bytes(bytes)} of {Bytes(size)} were received.";

    /// <summary>A number of bytes as the views show it, such as "3.31 GiB".</summary>
    public static string Bytes(long bytes) => ByteSize.Text(bytes, CultureInfo.InvariantCulture);

    /// <summary>Gets the message of a file system exception as a sentence, without the path that .NET appends to it.</summary>
    public static string Reason(Exception e)
    {
        string message = ServerText.Clean(e.Message, int.MaxValue);
        int path = message.IndexOf(": '", StringComparison.Ordinal);
        return Sentence(path > 0 && Clause(message).EndsWith('\'') ? message[..path] : message);
    }
}
