using System.Text.Json.Nodes;

namespace ShakenFist.Blobs.Emulator;

/// <summary>Handles the metadata of a blob. Any namespace can change it, in any state of the blob.</summary>
internal static class MetadataEndpoints
{
    // etcd rejects larger values.
    private const int LargestStored = 1_572_864;

    public static ValueTask<Reply> Get(Call call)
    {
        (EmulatedBlob? blob, Reply? refusal) = call.FindBlob();
        if (refusal is not null)
        {
            return ValueTask.FromResult(refusal);
        }

        lock (blob!.Gate)
        {
            return ValueTask.FromResult(Call.Json((ref json) => json.Node(blob.Metadata, sorted: true)));
        }
    }

    public static async ValueTask<Reply> Set(Call call)
    {
        (EmulatedBlob? blob, Reply? refusal) = call.FindBlob();
        if (refusal is not null)
        {
            return refusal;
        }

        JsonNode? key = call.Arguments["key"];
        JsonNode? value = call.Arguments["value"];
        if (!PythonType.IsTruthy(key))
        {
            return Reply.Error(400, "no key specified");
        }

        return PythonType.IsTruthy(value)
            ? await WriteAsync(call, blob!, () => Store(blob!, key!, value!))
            : Reply.Error(400, "no value specified");
    }

    public static async ValueTask<Reply> Delete(Call call)
    {
        (EmulatedBlob? blob, Reply? refusal) = call.FindBlob();
        return refusal ?? await WriteAsync(
            call,
            blob!,
            () =>
            {
                blob!.Metadata.Remove(call.Arguments.Text("key"));
                return null;
            });
    }

    private static Reply? Store(EmulatedBlob blob, JsonNode key, JsonNode value)
    {
        string type = PythonType.NameOf(key);
        if (type is "list" or "dict")
        {
            return Reply.Error(400, $"unhashable type: '{type}'");
        }

        // The server sorts the members when it stores them, which fails if their keys have different types.
        if (type != "str" && blob.Metadata.Count > 0)
        {
            return Reply.Error(400, $"'<' not supported between instances of '{type}' and 'str'");
        }

        string name = PythonType.Text(key);
        JsonNode? before = blob.Metadata[name]?.DeepClone();
        blob.Metadata[name] = value.DeepClone();
        var stored = new SegmentedContent();
        var json = new PythonJsonWriter(stored);
        json.Node(blob.Metadata);
        if (stored.Length <= LargestStored)
        {
            return null;
        }

        if (before is null)
        {
            blob.Metadata.Remove(name);
        }
        else
        {
            blob.Metadata[name] = before;
        }

        return Reply.ServerError("Etcd3Exception('Too Many Requests')");
    }

    private static async Task<Reply> WriteAsync(Call call, EmulatedBlob blob, Func<Reply?> change)
    {
        EmulatorOptions options = call.Options;
        BlobLock writers = call.State.LockOf(blob.Uuid.ToString());
        using IDisposable? hold = await writers.TakeAsync(options.LockPollInterval, options.LockTimeout, call.Gone);
        if (hold is null)
        {
            return Reply.ServerError("LockException('Timed out waiting for lock')");
        }

        await Pause.ForAsync(options.LockHold, call.Gone);
        lock (blob.Gate)
        {
            return change() ?? Reply.NullJson();
        }
    }
}
