using System.Text.Json.Nodes;

namespace ShakenFist.Blobs.Emulator;

/// <summary>The call of a handler, with the data that it can use.</summary>
internal sealed class Call
{
    public required EmulatorOptions Options { get; init; }

    public required EmulatorState State { get; init; }

    public required Tokens Tokens { get; init; }

    public required RequestRecord Request { get; init; }

    public required PythonArguments Arguments { get; init; }

    /// <summary>The response if the Python method does not have one of the arguments. Access rights, query, and blob are checked first.</summary>
    public required Reply? BadCall { get; init; }

    /// <summary>The body of the request.</summary>
    public required ReadOnlyMemory<byte> Body { get; init; }

    public required Fault? Fault { get; init; }

    /// <summary>Canceled when the client disconnects or the time limit of the request is reached.</summary>
    public required CancellationToken Gone { get; init; }

    /// <summary>Canceled when the time limit of the request is reached.</summary>
    public required CancellationToken TimeIsUp { get; init; }

    /// <summary>The namespace of the caller. Empty if no token is required.</summary>
    public string Caller { get; init; } = "";

    public bool IsAdmin => State.Namespace(Caller)?.IsAdmin ?? false;

    /// <summary>Returns the requested blob, or the response if it is missing.</summary>
    public (EmulatedBlob? Blob, Reply? Missing) FindBlob()
    {
        string uuid = Arguments.Text("blob_uuid");
        return WireText.Latin1Error("/sf/blob/", uuid) is { } error && Options.Generation < ServerGeneration.C
            ? (null, Reply.ServerError(error))
            : State.Blob(uuid) is { } blob ? (blob, BadCall) : (null, Reply.Error(404, "blob not found"));
    }

    public bool Owns(string space) => IsAdmin || space == Caller;

    public bool IsTrustedBy(string space) => Owns(space) || (State.Namespace(space)?.Trusts(Caller) ?? false);

    /// <summary>Whether the caller sees the artifact in the list.</summary>
    public bool Sees(EmulatedArtifact artifact) => artifact.Shared || IsTrustedBy(artifact.Namespace);

    /// <summary>Returns the objects that a reference in a request names. If it looks like a UUID, only UUIDs are compared, and only their canonical form matches.</summary>
    public static T[] Named<T>(string reference, IEnumerable<T> objects, Func<T, Guid> uuidOf, Func<T, bool> hasName) =>
        [.. objects.Where(Guid.TryParse(reference, out _) ? item => uuidOf(item).ToString() == reference : hasName)];

    /// <summary>Returns the response if several objects have the requested name.</summary>
    public Reply Ambiguous(string kind, string name) => Reply.Error(400, $"multiple {kind} have the name \"{name}\" in namespace \"{Caller}\"");

    /// <summary>Creates a JSON response that <paramref name="write"/> writes, with a newline at the end like that of Flask.</summary>
    public static Reply Json(JsonBody write)
    {
        var body = new SegmentedContent();
        var json = new PythonJsonWriter(body);
        write(ref json);
        json.Raw("\n");
        return new Reply(200, Reply.Json, body);
    }

    public static Reply Json(JsonNode? node) => Json((ref json) => json.Node(node));

    internal delegate void JsonBody(ref PythonJsonWriter json);
}
