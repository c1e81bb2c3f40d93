namespace ShakenFist.Blobs.Emulator;

/// <summary>The routes of a generation, matched by the rules of Werkzeug.</summary>
internal sealed class RouteTable
{
    private const string ReadOnly = "HEAD, OPTIONS, GET";

    private static readonly string[] BlobArguments = ["blob_uuid", "blob_from_db"];

    private readonly List<Route> _routes =
    [
        new("/", "Root", ReadOnly, new RouteMethod("GET", RootEndpoint.Get) { IsOpen = true }),
        new("/auth", "AuthEndpoint", "POST, OPTIONS", new RouteMethod("POST", AuthEndpoint.Post, "namespace", "key") { IsOpen = true, Required = ["namespace", "key"] }),
        new("/blobs", "BlobsEndpoint", ReadOnly, new RouteMethod("GET", BlobEndpoints.List, "node")),
        new("/blobs/<blob_uuid>", "BlobEndpoint", ReadOnly, OfBlob("GET", BlobEndpoints.Get)),
        new("/blobs/<blob_uuid>/data", "BlobDataEndpoint", ReadOnly, OfBlob("GET", DataEndpoint.Get, "offset", "limit")),
        new(
            "/blobs/<blob_uuid>/metadata",
            "BlobMetadatasEndpoint",
            "POST, HEAD, OPTIONS, GET",
            OfBlob("GET", MetadataEndpoints.Get),
            OfBlob("POST", MetadataEndpoints.Set, "key", "value") with { Required = ["key", "value"] }),
        new(
            "/blobs/<blob_uuid>/metadata/<key>",
            "BlobMetadataEndpoint",
            "DELETE, OPTIONS, PUT",
            OfBlob("PUT", MetadataEndpoints.Set, "key", "value") with { Required = ["value"] },
            OfBlob("DELETE", MetadataEndpoints.Delete, "key", "value")),
        new("/artifacts", "ArtifactsEndpoint", ReadOnly, new RouteMethod("GET", ArtifactEndpoints.List, "node")),
        new("/artifacts/<artifact_ref>", "ArtifactEndpoint", "HEAD, OPTIONS, DELETE, GET", OfArtifact("GET", ArtifactEndpoints.Get), OfArtifact("DELETE", ArtifactChangeEndpoints.Delete)),
        new(
            "/artifacts/<artifact_ref>/versions",
            "ArtifactVersionsEndpoint",
            "POST, HEAD, OPTIONS, GET",
            OfArtifact("GET", ArtifactEndpoints.Versions),
            OfArtifact("POST", ArtifactChangeEndpoints.SetMaxVersions, "max_versions")),
        new("/artifacts/<artifact_ref>/versions/<version_id>", "ArtifactVersionEndpoint", "DELETE, OPTIONS", OfArtifact("DELETE", ArtifactChangeEndpoints.DeleteVersion, "version_id")),
        new("/artifacts/<artifact_ref>/metadata", "ArtifactMetadatasEndpoint", ReadOnly, OfArtifact("GET", ArtifactEndpoints.Metadata)),
        new("/artifacts/upload/<artifact_name>", "ArtifactUploadEndpoint", "POST, OPTIONS", new RouteMethod("POST", PublishEndpoint.Post, "artifact_name", "upload_uuid", "blob_uuid", "source_url", "shared", "namespace", "artifact_type")),
        new("/upload", "UploadCreateEndpoint", "POST, OPTIONS", new RouteMethod("POST", UploadEndpoints.Create)),
        new("/upload/<upload_uuid>", "UploadDataEndpoint", "POST, OPTIONS", OfUpload("POST", UploadEndpoints.Append) with { TakesPartOfBody = true }),
        new("/upload/<upload_uuid>/truncate/<offset>", "UploadTruncateEndpoint", "POST, OPTIONS", OfUpload("POST", UploadEndpoints.Truncate, "offset")),
        new("/instances", "InstancesEndpoint", ReadOnly, new RouteMethod("GET", InstanceEndpoints.List, "all")),
        new("/instances/<instance_ref>", "InstanceEndpoint", ReadOnly, OfInstance("GET", InstanceEndpoints.Get)),
        new(
            "/instances/<instance_ref>/snapshot",
            "InstanceSnapshotEndpoint",
            "POST, HEAD, OPTIONS, GET",
            OfInstance("GET", SnapshotEndpoints.List),
            OfInstance("POST", SnapshotEndpoints.Take, "all", "device", "max_versions", "thin")),
        new("/agentoperations/<operation_uuid>", "AgentOperationEndpoint", ReadOnly, new RouteMethod("GET", AgentOperationEndpoint.Get, "operation_uuid", "operation_from_db")),
        new("/instances/<instance_ref>/metadata", "InstanceMetadatasEndpoint", ReadOnly, OfInstance("GET", InstanceEndpoints.Metadata)),
    ];

    public RouteTable(ServerGeneration generation)
    {
        // v0.7 supports only one algorithm, which is part of the path.
        bool isA = generation == ServerGeneration.A;
        var search = new RouteMethod("GET", ChecksumEndpoints.Search, isA ? ["hash"] : ["algorithm", "hash"]);
        _routes.Add(new Route($"/blob_checksums/{(isA ? "sha512" : "<algorithm>")}/<hash>", "BlobChecksumsEndpoint", ReadOnly, search));
        if (generation >= ServerGeneration.C)
        {
            RouteMethod events = OfBlob("GET", BlobEndpoints.Events, "event_type", "limit");
            RouteMethod checksum = OfBlob("GET", ChecksumEndpoints.One, "algorithm");
            _routes.Add(new Route("/blobs/<blob_uuid>/events", "BlobEventsEndpoint", ReadOnly, events));
            _routes.Add(new Route("/blobs/<blob_uuid>/checksum/<algorithm>", "BlobChecksumEndpoint", ReadOnly, checksum));
            foreach (string name in (string[])["livez", "readyz", "healthz"])
            {
                _routes.Add(new("/" + name, "Health", ReadOnly, new RouteMethod("GET", RootEndpoint.Health) { IsOpen = true }));
            }
        }
    }

    /// <param name="path">The decoded path.</param>
    /// <returns>The route with the variables of the path, or only the path of a redirect, or neither.</returns>
    public (Route? Route, Dictionary<string, string> Variables, string? Merged) Find(string path)
    {
        string trimmed = path.TrimStart('/');
        string[] segments = trimmed.Length == 0 ? [] : trimmed.Split('/');
        bool hasInnerDouble = trimmed.Contains("//", StringComparison.Ordinal);
        bool endsOpen = segments is [.., ""];
        if (!endsOpen)
        {
            string[] merged = [.. segments.Where(s => s.Length > 0)];
            foreach (Route route in _routes)
            {
                if (route.Match(merged) is { } variables)
                {
                    return hasInnerDouble
                        ? (null, [], "/" + string.Join('/', merged.Select(Uri.EscapeDataString)))
                        : (route, variables, null);
                }
            }
        }

        return (null, [], null);
    }

    private static RouteMethod OfArtifact(string name, Handler handler, params string[] arguments) =>
        new(name, handler, ["artifact_ref", "artifact_from_db", .. arguments]);

    private static RouteMethod OfInstance(string name, Handler handler, params string[] arguments) =>
        new(name, handler, ["instance_ref", "instance_from_db", .. arguments]);

    private static RouteMethod OfUpload(string name, Handler handler, params string[] arguments) =>
        new(name, handler, ["upload_uuid", "upload_from_db", .. arguments]);

    private static RouteMethod OfBlob(string name, Handler handler, params string[] arguments) =>
        new(name, handler, [.. BlobArguments, .. arguments]);
}
