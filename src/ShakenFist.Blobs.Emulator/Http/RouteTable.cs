namespace ShakenFist.Blobs.Emulator;

/// <summary>The routes of a generation, matched as Werkzeug matches them.</summary>
internal sealed class RouteTable
{
    private const string ReadOnly = "HEAD, OPTIONS, GET";

    private readonly List<Route> _routes =
    [
        new("/", "Root", ReadOnly, new RouteMethod("GET", RootEndpoint.Get) { IsOpen = true }),
        new("/auth", "AuthEndpoint", "POST, OPTIONS", new RouteMethod("POST", AuthEndpoint.Post, "namespace", "key") { IsOpen = true }),
        new("/blobs", "BlobsEndpoint", ReadOnly, new RouteMethod("GET", BlobEndpoints.List, "node")),
        new("/blobs/<blob_uuid>", "BlobEndpoint", ReadOnly, new RouteMethod("GET", BlobEndpoints.Get, "blob_uuid", "blob_from_db")),
        new("/blobs/<blob_uuid>/data", "BlobDataEndpoint", ReadOnly, new RouteMethod("GET", DataEndpoint.Get, "blob_uuid", "blob_from_db", "offset", "limit")),
        new(
            "/blobs/<blob_uuid>/metadata",
            "BlobMetadatasEndpoint",
            "POST, HEAD, OPTIONS, GET",
            new RouteMethod("GET", MetadataEndpoints.Get, "blob_uuid", "blob_from_db"),
            new RouteMethod("POST", MetadataEndpoints.Set, "blob_uuid", "blob_from_db", "key", "value")),
        new(
            "/blobs/<blob_uuid>/metadata/<key>",
            "BlobMetadataEndpoint",
            "DELETE, OPTIONS, PUT",
            new RouteMethod("PUT", MetadataEndpoints.Set, "blob_uuid", "blob_from_db", "key", "value"),
            new RouteMethod("DELETE", MetadataEndpoints.Delete, "blob_uuid", "blob_from_db", "key", "value")),
    ];

    public RouteTable(ServerGeneration generation)
    {
        // v0.7 knows one algorithm, and it is a part of the path.
        _routes.Add(generation == ServerGeneration.A
            ? new Route("/blob_checksums/sha512/<hash>", "BlobChecksumsEndpoint", ReadOnly, new RouteMethod("GET", ChecksumEndpoints.Search, "hash"))
            : new Route("/blob_checksums/<algorithm>/<hash>", "BlobChecksumsEndpoint", ReadOnly, new RouteMethod("GET", ChecksumEndpoints.Search, "algorithm", "hash")));
        if (generation == ServerGeneration.C)
        {
            _routes.Add(new("/blobs/<blob_uuid>/events", "BlobEventsEndpoint", ReadOnly, new RouteMethod("GET", BlobEndpoints.Events, "blob_uuid", "blob_from_db", "event_type", "limit")));
            _routes.Add(new("/blobs/<blob_uuid>/checksum/<algorithm>", "BlobChecksumEndpoint", ReadOnly, new RouteMethod("GET", ChecksumEndpoints.One, "blob_uuid", "blob_from_db", "algorithm")));
            foreach (string name in (string[])["livez", "readyz", "healthz"])
            {
                _routes.Add(new("/" + name, "Health", ReadOnly, new RouteMethod("GET", RootEndpoint.Health) { IsOpen = true }));
            }
        }
    }

    /// <param name="path">The decoded path.</param>
    /// <returns>The route with the path's variables; or only the path to be redirected to; or nothing.</returns>
    public (Route? Route, Dictionary<string, string> Variables, string? Merged) Find(string path)
    {
        string trimmed = path.TrimStart('/');
        string[] segments = trimmed.Length == 0 ? [] : trimmed.Split('/');
        bool hasInnerDouble = trimmed.Contains("//", StringComparison.Ordinal);
        string[] merged = hasInnerDouble ? string.Join('/', segments.Where((s, i) => s.Length > 0 || i == segments.Length - 1)).Split('/') : segments;
        if (!merged.Contains(""))
        {
            foreach (Route route in _routes)
            {
                if (route.Match(merged) is { } variables)
                {
                    return hasInnerDouble ? (null, [], "/" + string.Join('/', merged.Select(Uri.EscapeDataString))) : (route, variables, null);
                }
            }
        }

        return (null, [], null);
    }
}
