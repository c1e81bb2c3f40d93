using Microsoft.AspNetCore.WebUtilities;

namespace ShakenFist.Blobs.Emulator;

/// <summary>Reason phrases. Those of Werkzeug are in upper case, those of gunicorn and Apache are not.</summary>
internal static class Reasons
{
    public static string Of(int status, Origin origin)
    {
        string phrase = status == 431 ? "Request Header Fields Too Large" : ReasonPhrases.GetReasonPhrase(status);
        return origin == Origin.Application ? phrase.ToUpperInvariant() : phrase;
    }
}
