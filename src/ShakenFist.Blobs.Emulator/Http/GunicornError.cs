using System.Net;

namespace ShakenFist.Blobs.Emulator;

/// <summary>The responses of gunicorn to requests that it does not pass to the application.</summary>
internal static class GunicornError
{
    private const int LongestRequestLine = 4094;
    private const int LongestHeader = 8190;

    /// <summary>Returns the response if the request line or the headers exceed the limits of gunicorn. Otherwise null.</summary>
    public static Reply? Check(string method, string target, string protocol, IHeaderDictionary headers)
    {
        int line = method.Length + target.Length + protocol.Length + 2;
        if (line > LongestRequestLine)
        {
            return Of(400, "Bad Request", $"Request Line is too large ({line} > {LongestRequestLine})");
        }

        foreach ((string name, Microsoft.Extensions.Primitives.StringValues values) in headers)
        {
            if (values.Any(value => name.Length + 2 + (value?.Length ?? 0) > LongestHeader))
            {
                return Of(431, "Request Header Fields Too Large", "Error parsing headers: 'limit request headers fields size'");
            }
        }

        return null;
    }

    public static Reply Of(int status, string title, string text)
    {
        string escaped = WebUtility.HtmlEncode(text).Replace("&#39;", "&#x27;", StringComparison.Ordinal);
        string page =
            $"""
            <html>
              <head>
                <title>{title}</title>
              </head>
              <body>
                <h1><p>{title}</p></h1>
                {escaped}
              </body>
            </html>

            """;
        return Reply.Text(status, "text/html", page) with { Origin = Origin.Gunicorn };
    }
}
