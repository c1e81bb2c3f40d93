namespace ShakenFist.Blobs;

/// <summary>Where a cluster is and who asks. The key never leaves it but in <c>POST /auth</c>.</summary>
public sealed class SfConnectionSettings
{
    /// <summary>Makes settings; <paramref name="source"/> says in words where they come from.</summary>
    public SfConnectionSettings(Uri apiUrl, string @namespace, string key, string source)
    {
        ApiUrl = apiUrl;
        Namespace = @namespace;
        Key = key;
        Source = source;
    }

    /// <summary>Base URL of the API, with a path where it has one.</summary>
    public Uri ApiUrl { get; }

    /// <summary>The namespace, which is the user's name here.</summary>
    public string Namespace { get; }

    /// <summary>Where the settings come from, in words: parameters, environment, or a file's path.</summary>
    public string Source { get; }

    internal string Key { get; }

    /// <summary>URL, namespace and source, and nothing secret.</summary>
    public override string ToString() => $"{ApiUrl} as {Namespace} ({Source})";
}
