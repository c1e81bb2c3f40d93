namespace ShakenFist.Blobs.Model;

/// <summary>Derives the name of an artifact, which the server does not send, from its source URL.</summary>
internal static class ArtifactName
{
    private const string InstancePrefix = "sf://instance/";

    /// <summary>Returns the start of the source URLs of the snapshots of an instance. The device follows.</summary>
    public static string SnapshotUrl(Guid instance) => $"{InstancePrefix}{instance:D}/";

    /// <summary>Returns the end of the URL. Null if there is no URL.</summary>
    public static string? Of(string? sourceUrl)
    {
        if (string.IsNullOrEmpty(sourceUrl))
        {
            return null;
        }

        // Names of uploads and labels can contain slashes. They follow the namespace.
        foreach (string prefix in (string[])["sf://upload/", "sf://label/"])
        {
            int end = sourceUrl.StartsWith(prefix, StringComparison.Ordinal) ? sourceUrl.IndexOf('/', prefix.Length) : -1;
            if (end >= 0 && end + 1 < sourceUrl.Length)
            {
                return sourceUrl[(end + 1)..];
            }
        }

        // The devices of all instances have the same names, so the name of a snapshot includes the UUID of the instance.
        if (sourceUrl.StartsWith(InstancePrefix, StringComparison.Ordinal) && sourceUrl.Length > InstancePrefix.Length)
        {
            return sourceUrl[InstancePrefix.Length..];
        }

        int query = sourceUrl.AsSpan().IndexOfAny('?', '#');
        string path = (query < 0 ? sourceUrl : sourceUrl[..query]).TrimEnd('/');
        string last = path[(path.LastIndexOf('/') + 1)..];
        return last.Length > 0 ? last : sourceUrl;
    }
}
