namespace ShakenFist.Blobs.Emulator;

/// <summary>The Apache front end of a deployment, with a prefix in front of the API paths.</summary>
internal static class ApacheFront
{
    public const string Server = "Apache/2.4.71 (Debian)";

    /// <returns>The path as the API receives it, or null if Apache responds with 404.</returns>
    public static string? Forward(string path, string prefix)
    {
        // AllowEncodedSlashes is off by default, and Apache never accepts a NUL.
        if (path.Contains("%2F", StringComparison.OrdinalIgnoreCase) || path.Contains("%00", StringComparison.Ordinal))
        {
            return null;
        }

        string collapsed = Collapse(path);
        return collapsed == prefix ? "/"
            : collapsed.StartsWith(prefix + "/", StringComparison.Ordinal) ? collapsed[prefix.Length..]
            : null;
    }

    public static Reply NotFound() => Reply.Text(
        404,
        "text/html; charset=iso-8859-1",
        """
        <!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01//EN" "http://www.w3.org/TR/html4/strict.dtd">
        <html><head>
        <title>404 Not Found</title>
        </head><body>
        <h1>Not Found</h1>
        <p>The requested URL was not found on this server.</p>
        </body></html>

        """) with
    { Origin = Origin.Apache };

    /// <summary>Merges slashes and resolves dot segments, even if they are encoded. Keeps a trailing slash.</summary>
    private static string Collapse(string path)
    {
        var kept = new List<string>();
        string[] segments = path.Split('/');
        bool endsOpen = false;
        foreach (string segment in segments)
        {
            string plain = segment.Replace("%2e", ".", StringComparison.OrdinalIgnoreCase);
            endsOpen = plain is "" or "." or "..";
            if (plain == ".." && kept.Count > 0)
            {
                kept.RemoveAt(kept.Count - 1);
            }
            else if (!endsOpen)
            {
                kept.Add(segment);
            }
        }

        return "/" + string.Join('/', kept) + (endsOpen && kept.Count > 0 ? "/" : "");
    }
}
