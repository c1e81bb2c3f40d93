using System.Text;
using System.Text.Json;

namespace ShakenFist.Blobs.Http;

/// <summary>
/// Contains the key and the tokens of a session and removes them from server text, which can quote the request, also with escapes or as Base64.
/// </summary>
internal sealed class Secrets
{
    // Shorter secrets would be found in ordinary words, and the replacements would reveal them.
    private const int Shortest = 8;

    // The current token and earlier ones, whose responses can still arrive.
    private const int MaxTokens = 4;
    private const string Mark = "[secret]";

    // Escaped text that is quoted in a text that is escaped itself.
    private const int MaxLayers = 3;

    private readonly object _gate = new();
    private volatile Form[] _lasting = [];
    private volatile Form[][] _tokens = [];

    /// <summary>Adds a secret for the lifetime of the session: a key or a password.</summary>
    public void Add(string? secret)
    {
        lock (_gate)
        {
            _lasting = [.. _lasting, .. Forms(secret)];
        }
    }

    /// <summary>Adds a secret that will be replaced by the next one.</summary>
    public void AddToken(string token)
    {
        lock (_gate)
        {
            _tokens = [Forms(token), .. _tokens.Take(MaxTokens - 1)];
        }
    }

    /// <summary>Prepares server text for display: removes secrets, and cleans and cuts it like <see cref="ServerText.Clean"/>.</summary>
    public string Show(string? text, int maxLength = ServerText.DefaultLength) => ServerText.Clean(Hide(text), maxLength);

    /// <summary>Returns the exception if it and its inner exceptions can be shown. Null if one contains a secret or characters that could control a terminal.</summary>
    public Exception? IfFit(Exception exception)
    {
        for (Exception? e = exception; e is not null; e = e.InnerException)
        {
            if (Show(e.Message, int.MaxValue) != e.Message)
            {
                return null;
            }
        }

        return exception;
    }

    // Before the text is cut, so that no part of a token remains.
    private string? Hide(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return text;
        }

        // Most texts are short headers. Decoding makes a text shorter, so it cannot contain a form that is longer than the text.
        Form[] forms = [.. _lasting.Concat(_tokens.SelectMany(token => token)).Where(form => form.Text.Length <= text.Length)];
        if (forms.Length == 0)
        {
            return text;
        }

        bool[] hidden = new bool[text.Length];
        Find(new DecodedText(text), forms, hidden, layer: 0);
        if (!hidden.Contains(true))
        {
            return text;
        }

        StringBuilder shown = new(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            if (!hidden[i])
            {
                shown.Append(text[i]);
            }
            else if (i == 0 || !hidden[i - 1])
            {
                shown.Append(Mark);
            }
        }

        return shown.ToString();
    }

    private static void Find(DecodedText text, Form[] forms, bool[] hidden, int layer)
    {
        foreach (Form form in forms)
        {
            foreach ((int start, int end) in text.Find(form.Text, form.Before, form.After))
            {
                hidden.AsSpan(start..end).Fill(true);
            }
        }

        if (layer < MaxLayers)
        {
            foreach (DecodedText decoded in text.Decode())
            {
                Find(decoded, forms, hidden, layer + 1);
            }
        }
    }

    /// <summary>Gets the forms in which a secret is searched for. Escapes are removed from the text before.</summary>
    private static Form[] Forms(string? secret)
    {
        if (secret is not { Length: >= Shortest })
        {
            return [];
        }

        // Python and HTTP headers show each byte of UTF-8 as a character, and HTML forms send a space as a plus sign.
        string inBytes = Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(secret));
        string[] texts = [secret, inBytes, secret.Replace(' ', '+'), inBytes.Replace(' ', '+')];
        string[] encoded = [secret, JsonEncodedText.Encode(secret).ToString()];
        return [.. texts.Select(text => new Form(text, 0, 0)).Concat(encoded.SelectMany(InBase64)).Distinct()];
    }

    /// <summary>
    /// Gets the characters of Base64 that contain only bits of a secret, such as the password after a user name, at each of the three positions. The character before
    /// or after them can contain some of its bits.
    /// </summary>
    private static IEnumerable<Form> InBase64(string secret)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(secret);
        for (int shift = 0; shift < 3; shift++)
        {
            int firstBit = shift * 8;
            int lastBit = firstBit + bytes.Length * 8;
            int start = (firstBit + 5) / 6;
            string text = Convert.ToBase64String([.. new byte[shift], .. bytes])[start..(lastBit / 6)];
            int before = firstBit % 6 == 0 ? 0 : 1;
            int after = lastBit % 6 == 0 ? 0 : 1;
            yield return new Form(text, before, after);
            yield return new Form(text.Replace('+', '-').Replace('/', '_'), before, after);
        }
    }

    /// <summary>A text that is a secret, or that only a secret can contain, and the number of characters before and after it that contain a part of the secret.</summary>
    private sealed record Form(string Text, int Before, int After);
}
