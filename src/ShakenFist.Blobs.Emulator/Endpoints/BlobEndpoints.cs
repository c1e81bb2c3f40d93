using System.Text.Json.Nodes;

namespace ShakenFist.Blobs.Emulator;

/// <summary>Handles the list of all blobs, single blobs, and their events.</summary>
internal static class BlobEndpoints
{
    private const int DefaultEventLimit = 100;

    public static ValueTask<Reply> List(Call call)
    {
        if (!call.IsAdmin)
        {
            return ValueTask.FromResult(Reply.Error(401, "unauthorized"));
        }

        if (call.BadCall is { } bad)
        {
            return ValueTask.FromResult(bad);
        }

        // Older generations accept the argument but ignore it.
        bool filters = call.Options.Generation >= ServerGeneration.C && PythonType.IsTruthy(call.Arguments["node"]);
        string? node = filters ? call.Arguments.Text("node") : null;
        return ValueTask.FromResult(Call.Json((ref json) =>
        {
            json.OpenArray();
            foreach (EmulatedBlob blob in call.State.Blobs)
            {
                if (blob.State != "deleted" && (node is null || Placement.LocationsOf(blob, call.Options.NodeName).Contains(node)))
                {
                    BlobRecord.Write(ref json, blob, call.Options, forAdmin: true, withInstances: false);
                }
            }

            json.CloseArray();
        }));
    }

    public static ValueTask<Reply> Get(Call call)
    {
        (EmulatedBlob? blob, Reply? refusal) = call.FindBlob();
        return ValueTask.FromResult(refusal
            ?? Call.Json((ref json) => BlobRecord.Write(ref json, blob!, call.Options, call.IsAdmin, withInstances: true)));
    }

    public static ValueTask<Reply> Events(Call call)
    {
        (EmulatedBlob? blob, Reply? refusal) = call.FindBlob();
        long specified = call.Arguments["limit"] is JsonValue value && value.TryGetValue(out long number) ? number : DefaultEventLimit;
        int limit = call.Options.Generation >= ServerGeneration.D ? (int)specified : int.MaxValue;
        return ValueTask.FromResult(refusal ?? Call.Json(new JsonArray([.. blob!.Events.Take(limit).Select(e => e.DeepClone())])));
    }
}
