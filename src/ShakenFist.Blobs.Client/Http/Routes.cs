using System.Globalization;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Http;

/// <summary>Creates the URLs of the API. The base URL can have a path, such as <c>http://host/api</c>.</summary>
internal sealed class Routes
{
    private readonly string _base;

    public Routes(Uri apiUrl)
    {
        _base = apiUrl.AbsoluteUri.TrimEnd('/');

        // Always with a slash: a front end that serves the API below /api/ redirects /api.
        Root = new Uri(_base + "/");
    }

    public Uri Root { get; }

    public Uri Auth => new(_base + "/auth");

    public Uri Blobs => new(_base + "/blobs");

    public Uri Blob(Guid uuid) => new($"{_base}/blobs/{uuid:D}");

    /// <summary>Gets the URL of the data from <paramref name="offset"/>: <paramref name="limit"/> bytes, or all remaining bytes if it is null.</summary>
    public Uri BlobData(Guid uuid, long offset, long? limit) => new(limit is null
        ? string.Create(CultureInfo.InvariantCulture, $"{_base}/blobs/{uuid:D}/data?offset={offset}")
        : string.Create(CultureInfo.InvariantCulture, $"{_base}/blobs/{uuid:D}/data?offset={offset}&limit={limit}"));

    public Uri BlobChecksum(Guid uuid, SfHashAlgorithm algorithm) => new($"{_base}/blobs/{uuid:D}/checksum/{algorithm.ServerName()}");

    public Uri BlobByHash(SfHashAlgorithm algorithm, string hash) => new($"{_base}/blob_checksums/{algorithm.ServerName()}/{hash}");

    public Uri BlobEvents(Guid uuid) => new($"{_base}/blobs/{uuid:D}/events");

    public Uri BlobMetadata(Guid uuid) => new($"{_base}/blobs/{uuid:D}/metadata");

    /// <summary>Gets the URL of one metadata key, percent-encoded as UTF-8. Only for keys that <see cref="IsPathKey"/> accepts.</summary>
    public Uri BlobMetadataKey(Guid uuid, string key) => new($"{_base}/blobs/{uuid:D}/metadata/{Uri.EscapeDataString(key)}");

    public Uri Artifacts => new(_base + "/artifacts");

    public Uri Artifact(Guid uuid) => new($"{_base}/artifacts/{uuid:D}");

    /// <summary>Gets the URL of an artifact by its name. Only for names that <see cref="IsPathKey"/> accepts.</summary>
    public Uri ArtifactByName(string name) => new($"{_base}/artifacts/{Uri.EscapeDataString(name)}");

    public Uri ArtifactVersions(Guid uuid) => new($"{_base}/artifacts/{uuid:D}/versions");

    public Uri ArtifactVersion(Guid uuid, long index) => new(string.Create(CultureInfo.InvariantCulture, $"{_base}/artifacts/{uuid:D}/versions/{index}"));

    public Uri AgentOperation(Guid uuid) => new($"{_base}/agentoperations/{uuid:D}");

    public Uri Instances => new(_base + "/instances");

    public Uri Instance(Guid uuid) => new($"{_base}/instances/{uuid:D}");

    public Uri InstanceSnapshots(Guid uuid) => new($"{_base}/instances/{uuid:D}/snapshot");

    public Uri Uploads => new(_base + "/upload");

    public Uri Upload(Guid uuid) => new($"{_base}/upload/{uuid:D}");

    public Uri UploadTruncate(Guid uuid, long size) => new(string.Create(CultureInfo.InvariantCulture, $"{_base}/upload/{uuid:D}/truncate/{size}"));

    /// <summary>Gets the URL that publishes a version of an artifact. Only for names that <see cref="IsPathKey"/> accepts.</summary>
    public Uri ArtifactUpload(string name) => new($"{_base}/artifacts/upload/{Uri.EscapeDataString(name)}");

    /// <summary>
    /// Returns whether a metadata key or a name can be part of a URL path. It cannot contain a slash, which the server does not find, be a dot segment, which .NET and front ends
    /// resolve, contain NUL, which Apache rejects, contain an unpaired surrogate, or be too long for a request line.
    /// </summary>
    public static bool IsPathKey(string key) =>
        !key.AsSpan().ContainsAny('/', '\0') && key is not ("." or "..") && IsWellFormed(key) && Uri.EscapeDataString(key).Length <= 2000;

    private static bool IsWellFormed(string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (char.IsSurrogate(text[i]) && !(i + 1 < text.Length && char.IsSurrogatePair(text[i], text[++i])))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Returns the scopes that a request requires if its key has scopes: the class of the object and the kind of access. Null if it requires none.</summary>
    public static string? ScopeOf(ApiRequest request)
    {
        string? found = request.Url.Segments.Select(segment => segment.TrimEnd('/')).FirstOrDefault(segment => segment is "blobs" or "blob_checksums" or "artifacts" or "instances" or "upload");
        if (found is null)
        {
            return null;
        }

        string kind = request.Method == HttpMethod.Get ? "read" : request.Method == HttpMethod.Delete ? "delete" : "write";
        string scope = $"{(found == "blob_checksums" ? "blob" : found.TrimEnd('s'))}.{kind}";
        return request.Unauthorized == SfErrors.AdministratorRequired ? $"{scope} and cluster-admin" : scope;
    }

    /// <summary>Parses and checks an API URL from the user or a file.</summary>
    /// <exception cref="SfException"><see cref="SfErrors.ApiUrlInvalid"/>.</exception>
    public static Uri ParseApiUrl(string text)
    {
        // The text before an @ can be a password and is not shown.
        string shown = text.Contains('@', StringComparison.Ordinal) ? "(not shown, because it contains @)" : $"'{ServerText.Clean(text)}'";
        if (!Uri.TryCreate(text.Trim(), UriKind.Absolute, out Uri? url) || (url.Scheme != Uri.UriSchemeHttp && url.Scheme != Uri.UriSchemeHttps))
        {
            throw new SfException(SfErrors.ApiUrlInvalid, $"The API URL {shown} is not an absolute http or https URL.");
        }

        if (url.UserInfo.Length > 0)
        {
            throw new SfException(SfErrors.ApiUrlInvalid, $"The API URL for {url.Host} contains a user name or password. Use -Credential instead.");
        }

        if (url.Query.Length > 0 || url.Fragment.Length > 0)
        {
            throw new SfException(SfErrors.ApiUrlInvalid, $"The API URL {shown} contains a query or a fragment.");
        }

        return url;
    }

    /// <summary>Returns whether two URLs have the same scheme, host, and port.</summary>
    public static bool SameOrigin(Uri one, Uri other) =>
        Uri.Compare(one, other, UriComponents.SchemeAndServer, UriFormat.SafeUnescaped, StringComparison.OrdinalIgnoreCase) == 0;
}
