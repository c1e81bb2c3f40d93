using System.Text.Json.Nodes;

namespace ShakenFist.Blobs.Emulator;

/// <summary>One call of a handler, with everything it may look at.</summary>
internal sealed class Call
{
    public required EmulatorOptions Options { get; init; }

    public required EmulatorState State { get; init; }

    public required Tokens Tokens { get; init; }

    public required RequestRecord Request { get; init; }

    public required PythonArguments Arguments { get; init; }

    /// <summary>The answer to an argument that the Python method does not have. Rights, query and blob are looked at before it.</summary>
    public required Reply? BadCall { get; init; }

    public required Fault? Fault { get; init; }

    /// <summary>Cancelled when the client goes or the request's budget is spent.</summary>
    public required CancellationToken Gone { get; init; }

    /// <summary>The namespace that asks; empty where no token is needed.</summary>
    public string Caller { get; init; } = "";

    public bool IsAdmin => State.Namespace(Caller)?.IsAdmin ?? false;

    /// <summary>The blob that is asked for, or the answer that ends the call here.</summary>
    public (EmulatedBlob? Blob, Reply? Missing) FindBlob()
    {
        string uuid = Arguments.Text("blob_uuid");
        return WireText.Latin1Error("/sf/blob/", uuid) is { } error && Options.Generation != ServerGeneration.C
            ? (null, Reply.ServerError(error))
            : State.Blob(uuid) is { } blob ? (blob, BadCall) : (null, Reply.Error(404, "blob not found"));
    }

    /// <summary>A JSON answer written by <paramref name="write"/>, with the newline that Flask puts at its end.</summary>
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
