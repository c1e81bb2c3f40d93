using System.Text.Json;

namespace ShakenFist.Blobs.Http;

/// <summary>
/// Contains the key and the tokens of a session and removes them from server text: an error page or an echoed header can quote the request.
/// </summary>
internal sealed class Secrets
{
    // Shorter secrets would be found in ordinary words, and the replacements would reveal them.
    private const int Shortest = 8;

    // The current token and earlier ones, whose responses can still arrive.
    private const int MaxTokens = 4;
    private const string Mark = "[secret]";

    private readonly object _gate = new();
    private volatile string[] _lasting = [];
    private volatile string[][] _tokens = [];

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
            _tokens = [[.. Forms(token)], .. _tokens.Take(MaxTokens - 1)];
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

        foreach (string secret in _lasting.Concat(_tokens.SelectMany(forms => forms)))
        {
            text = text.Replace(secret, Mark, StringComparison.Ordinal);
        }

        return text;
    }

    /// <summary>Gets the forms of a secret: the text itself, its JSON form, and its URL form.</summary>
    private static IEnumerable<string> Forms(string? secret) => secret is not { Length: >= Shortest }
        ? []
        : ((string[])[secret, JsonEncodedText.Encode(secret).ToString(), Uri.EscapeDataString(secret)]).Distinct();
}
