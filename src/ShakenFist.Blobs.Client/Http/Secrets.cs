using System.Text.Json;

namespace ShakenFist.Blobs.Http;

/// <summary>
/// A session's key and tokens, and their removal from what others say: a front end's error page or an echoed header may quote the very request it is about.
/// </summary>
internal sealed class Secrets
{
    // A shorter one would be found inside ordinary words, and the gaps would tell it.
    private const int Shortest = 8;

    // The present token and those before it, whose answers may still be on their way.
    private const int MostTokens = 4;
    private const string Mark = "[secret]";

    private readonly object _gate = new();
    private volatile string[] _lasting = [];
    private volatile string[][] _tokens = [];

    /// <summary>A secret for as long as the session lives: a key or a password.</summary>
    public void Add(string? secret)
    {
        lock (_gate)
        {
            _lasting = [.. _lasting, .. Forms(secret)];
        }
    }

    /// <summary>A secret that will be replaced by the next one.</summary>
    public void AddToken(string token)
    {
        lock (_gate)
        {
            _tokens = [[.. Forms(token)], .. _tokens.Take(MostTokens - 1)];
        }
    }

    /// <summary>Text that a server chose, fit to be shown: without secrets, and cleaned and cut as <see cref="ServerText.Clean"/> does.</summary>
    public string Show(string? text, int maxLength = ServerText.DefaultLength) => ServerText.Clean(Hide(text), maxLength);

    /// <summary>The exception, if it and those inside it can be shown; null if one quotes a secret or what could steer a terminal.</summary>
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

    // Before the cut: half a token is one too many.
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

    /// <summary>As it is, as it stands in the JSON of a request, and as it would in a URL.</summary>
    private static IEnumerable<string> Forms(string? secret) => secret is not { Length: >= Shortest }
        ? []
        : ((string[])[secret, JsonEncodedText.Encode(secret).ToString(), Uri.EscapeDataString(secret)]).Distinct();
}
