namespace ShakenFist.Blobs;

/// <summary>The address of a cluster, the namespace, and the key. The key is sent only in <c>POST /auth</c>.</summary>
public sealed class SfConnectionSettings
{
    /// <summary>Creates settings. <paramref name="source"/> describes their source.</summary>
    public SfConnectionSettings(Uri apiUrl, string @namespace, string key, string source)
    {
        ApiUrl = apiUrl;
        Namespace = @namespace;
        Key = key;
        Source = source;
    }

    /// <summary>Gets the base URL of the API, including its path if it has one.</summary>
    public Uri ApiUrl { get; }

    /// <summary>Gets the namespace, which is the user name.</summary>
    public string Namespace { get; }

    /// <summary>Gets the source of the settings: the parameters, the environment, or the path of a file.</summary>
    public string Source { get; }

    internal string Key { get; }

    /// <summary>Returns the URL, the namespace, and the source, without the key.</summary>
    public override string ToString() => $"{ApiUrl} as {Namespace} ({Source})";
}
