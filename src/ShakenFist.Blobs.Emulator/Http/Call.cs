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

    public required Fault? Fault { get; init; }

    /// <summary>Canceled when the client disconnects or the time limit of the request is reached.</summary>
    public required CancellationToken Gone { get; init; }

    /// <summary>The namespace of the caller. Empty if no token is required.</summary>
    public string Caller { get; init; } = "";

    public bool IsAdmin => State.Namespace(Caller)?.IsAdmin ?? false;

    /// <summary>Returns the requested blob, or the response if it is missing.</summary>
    public (EmulatedBlob? Blob, Reply? Missing) FindBlob()
    {
        string uuid = Arguments.Text("blob_uuid");
        return WireText.Latin1Error("/sf/blob/", uuid) is { } error && Options.Generation != ServerGeneration.C
            ? (null, Reply.ServerError(error))
            : State.Blob(uuid) is { } blob ? (blob, BadCall) : (null, Reply.Error(404, "blob not found"));
    }

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
