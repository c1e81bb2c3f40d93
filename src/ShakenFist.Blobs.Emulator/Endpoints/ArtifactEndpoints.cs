namespace ShakenFist.Blobs.Emulator;

/// <summary>Handles the list of artifacts, single artifacts by UUID or name, and their versions.</summary>
internal static class ArtifactEndpoints
{
    // The access check of the older generations fails when it logs that it refuses a shared artifact.
    private const string CheckFailed = "AttributeError(\"'SyslogAdapter' object has no attribute 'with_object'\")";

    private static readonly string[] StateOrder = ["created", "error", "initial"];

    public static ValueTask<Reply> List(Call call)
    {
        if (call.BadCall is { } bad)
        {
            return ValueTask.FromResult(bad);
        }

        string? node = PythonType.IsTruthy(call.Arguments["node"]) ? call.Arguments.Text("node") : null;
        IEnumerable<EmulatedArtifact> listed = call.State.Artifacts
            .Where(artifact => artifact.State != "deleted" && call.Sees(artifact) && (node is null || IsOn(node, artifact, call)))
            .OrderBy(artifact => Array.IndexOf(StateOrder, artifact.State))
            .ThenBy(artifact => artifact.Uuid.ToString(), StringComparer.Ordinal);
        return ValueTask.FromResult(Call.Json((ref json) =>
        {
            json.OpenArray();
            foreach (EmulatedArtifact artifact in listed)
            {
                json.Node(ArtifactRecord.Of(artifact, call, withInstances: false));
            }

            json.CloseArray();
        }));
    }

    public static ValueTask<Reply> Get(Call call)
    {
        (EmulatedArtifact? artifact, Reply? refusal) = Find(call, MayRead);
        return ValueTask.FromResult(refusal ?? Call.Json(ArtifactRecord.Of(artifact!, call, withInstances: true)));
    }

    public static ValueTask<Reply> Versions(Call call)
    {
        (EmulatedArtifact? artifact, Reply? refusal) = Find(call, MayRead);
        return ValueTask.FromResult(refusal ?? Call.Json((ref json) =>
        {
            json.OpenArray();
            lock (artifact!.Gate)
            {
                foreach ((int index, Guid uuid) in artifact.Versions)
                {
                    if (call.State.Blob(uuid) is { } blob)
                    {
                        BlobRecord.Write(ref json, blob, call.Options, call.IsAdmin, withInstances: true, index);
                    }
                }
            }

            json.CloseArray();
        }));
    }

    public static ValueTask<Reply> Metadata(Call call)
    {
        (EmulatedArtifact? artifact, Reply? refusal) = Find(call, OwnsOrIsTrusted);
        return ValueTask.FromResult(refusal ?? Call.Json((ref json) => json.Node(artifact!.Metadata, sorted: true)));
    }

    /// <summary>Returns the artifact that a request names, or the response if it is missing or <paramref name="check"/> refuses it.</summary>
    public static (EmulatedArtifact? Artifact, Reply? Refusal) Find(Call call, Func<Call, EmulatedArtifact, Reply?> check)
    {
        string reference = call.Arguments.Text(call.Arguments.Has("artifact_uuid") ? "artifact_uuid" : "artifact_ref");
        EmulatedArtifact[] found = Call.Named(reference, call.State.Artifacts, artifact => artifact.Uuid, artifact => artifact.Name == reference && IsNamed(call, artifact));
        return found switch
        {
            [] => (null, Missing()),
            [var artifact] => check(call, artifact) is { } refusal ? (null, refusal) : (artifact, call.BadCall),
            _ => (null, call.Ambiguous("artifacts", reference)),
        };
    }

    public static Reply? OwnsOrIsTrusted(Call call, EmulatedArtifact artifact) => call.IsTrustedBy(artifact.Namespace) ? null : Missing();

    private static Reply? MayRead(Call call, EmulatedArtifact artifact) =>
        call.Options.Generation >= ServerGeneration.C
            ? call.Sees(artifact) ? null : Missing()
            : artifact.Shared && !call.Owns(artifact.Namespace) ? Reply.ServerError(CheckFailed) : null;

    /// <summary>Whether the caller finds the artifact by its name. The older generations search only the namespace of the caller.</summary>
    private static bool IsNamed(Call call, EmulatedArtifact artifact) =>
        artifact.State != "deleted" && (call.Options.Generation >= ServerGeneration.C ? call.Sees(artifact) : call.Owns(artifact.Namespace));

    private static bool IsOn(string node, EmulatedArtifact artifact, Call call) =>
        artifact.Versions.Count > 0
        && call.State.Blob(artifact.Versions.Last().Value) is { } blob
        && Placement.LocationsOf(blob, call.Options.NodeName).Contains(node);

    private static Reply Missing() => Reply.Error(404, "artifact not found");
}
