namespace ShakenFist.Blobs.Emulator;

/// <summary>Handles the root page, which contains the list of capabilities, and the health probes of generation C.</summary>
internal static class RootEndpoint
{
    private const string Service = "Shaken Fist REST API service";

    public static ValueTask<Reply> Get(Call call) => ValueTask.FromResult(call.BadCall ?? (call.Options.TextOnlyRoot
        ? Reply.Text(200, "text/plain", Service)
        : Reply.Text(200, Reply.Html, Page(call.Options.Generation))));

    public static ValueTask<Reply> Health(Call call) => ValueTask.FromResult(call.BadCall ?? Call.Json((ref json) =>
    {
        json.OpenObject();
        json.Name("status");
        json.Value("ok");
        json.CloseObject();
    }));

    // The list item of the networks is not closed, so the page is not valid HTML. Clients search it as text.
    private static string Page(ServerGeneration generation) =>
        $"<html><head><title>{Service}</title></head><body><h1>{Service}</h1>"
        + "<p>You might be interested in the <a href=\"/apidocs\">apidocs</a>.</p><p>Machine searchable API capabilities:</p><ul>"
        + "<li>admin: cluster-cacert, cluster-resources</li>"
        + "<li>agent-operations: agentoperations-crud, instance-agentoperations, instance-agentoperations-all</li>"
        + $"<li>artifacts: artifact-metadata, artifact-upload-types{(generation >= ServerGeneration.C ? ", artifact-clusteroperations" : "")}</li>"
        + $"<li>blobs: {Blobs(generation)}</li>"
        + "<li>events: events-by-type</li>"
        + "<li>instances: pure-affinity, spice-vdi-console, vdi-console-helper, instance-put-blob, instance-execute, instance-get, "
        + "instance-screenshot, get-instance-namespace, hot-plug-interface</li>"
        + "<li>networks: list-addresses, route-addresses, get-network-namespace, provide-dns, extra-dns-entries"
        + "<li>networkinterfaces: interface-metadata</li>"
        + "<li>nodes: node-get, node-metadata, node-process-metrics</li></ul></p></body></html>";

    private static string Blobs(ServerGeneration generation) => generation switch
    {
        ServerGeneration.A => "blob-metadata, blob-search-by-hash",
        ServerGeneration.B => "blob-metadata, blob-search-by-hash, blob-data-limit, blob-hash-sha1, blob-hash-sha256, blob-hash-xxh128",
        _ => Blobs(ServerGeneration.B) + ", blob-events, blob-checksums, blob-single-checksum",
    };
}
