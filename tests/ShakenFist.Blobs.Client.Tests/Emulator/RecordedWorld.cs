using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ShakenFist.Blobs.Emulator;

namespace ShakenFist.Blobs.Tests;

/// <summary>Configures an emulator like the recorded server: its namespaces, nodes, and blobs with their records.</summary>
internal static class RecordedWorld
{
    private const string Missing = "hard_deleted";

    private static readonly HashSet<string> RecordFields =
    [
        "uuid", "state", "metadata", "version", "size", "modified", "fetched_at", "depends_on", "transcodes", "locations",
        "reference_count", "sha512", "last_used", "instances", "index",
    ];

    public static async Task<SfEmulator> StartAsync(EmulatorOptions options, CancellationToken ct)
    {
        SfEmulator emulator = await SfEmulator.StartAsync(options, ct);
        AddNamespaces(emulator.State);
        emulator.State.SetNode("sf-2", NodeCondition.Up);
        emulator.State.SetNode("sf-3", NodeCondition.Down);
        emulator.State.SetNode("sf-4", NodeCondition.Unauthorized);
        emulator.State.SetNode("sf-5", NodeCondition.BadGateway);
        emulator.State.SetNode("sf-99.invalid", NodeCondition.Unresolvable);

        Dictionary<string, JsonObject> records = Records();
        int seed = 0;
        JsonElement fixtures = Recording.Open("fixtures.json").GetProperty("blobs");
        foreach (JsonProperty fixture in fixtures.EnumerateObject().Where(b => b.Name != Missing))
        {
            emulator.State.AddBlob(Blob(fixture.Name, fixture.Value, records[fixture.Value.GetProperty("uuid").GetString()!], ++seed));
        }

        return emulator;
    }

    private static void AddNamespaces(EmulatorState state)
    {
        state.AddNamespace("system", "system-secret-1", admin: true, keyName: "deploy");
        state.AddNamespace("banana", "banana-secret-1", keyName: "guest");
        state.AddNamespace("banana", "päss wörd ✓", keyName: "clé 2");
        state.AddNamespace("expkey", "expkey-secret-1", expires: DateTimeOffset.UnixEpoch);
        state.AddNamespace("gone", "gone-secret-1");
        state.RemoveNamespace("gone");
    }

    private static Dictionary<string, JsonObject> Records() => Recording.Load("05-blob-get")
        .Where(r => r.Note.StartsWith("blob ", StringComparison.Ordinal) && r.Response.GetProperty("status").GetInt32() == 200)
        .Select(r => JsonNode.Parse(r.Response.GetProperty("body").GetString()!)!.AsObject())
        .ToDictionary(record => (string)record["uuid"]!);

    private static EmulatedBlob Blob(string name, JsonElement fixture, JsonObject record, int seed)
    {
        EmulatedBlob blob = Blob(record);
        blob.Content = Content(name, fixture, seed);
        blob.Sha512 = fixture.GetProperty("sha512").GetString();
        blob.Sha256 = fixture.GetProperty("sha256").GetString();
        blob.Sha1 = fixture.GetProperty("sha1").GetString();
        blob.Xxh128 = fixture.GetProperty("xxh128").GetString();
        return blob;
    }

    /// <summary>Creates a blob with a recorded record, without content.</summary>
    public static EmulatedBlob Blob(JsonObject record)
    {
        var blob = new EmulatedBlob
        {
            Uuid = Guid.Parse((string)record["uuid"]!),
            State = (string)record["state"]!,
            Size = (long)record["size"]!,
            Sha512 = (string?)record["sha512"],
            Metadata = record["metadata"]!.DeepClone().AsObject(),
            Locations = [.. record["locations"]!.AsArray().Select(l => (string)l!)],
            DependsOn = (string?)record["depends_on"] is { } lower ? Guid.Parse(lower) : null,
            Transcodes = record["transcodes"]!.AsObject().ToDictionary(t => t.Key, t => Guid.Parse((string)t.Value!)),
            Instances = [.. record["instances"]!.AsArray().Select(i => Guid.Parse((string)i!))],
            ReferenceCount = (int)record["reference_count"]!,
            Modified = (double)record["modified"]!,
            FetchedAt = (double)record["fetched_at"]!,
            LastUsed = (double?)record["last_used"],
        };
        foreach ((string line, JsonNode? value) in record.Where(field => !RecordFields.Contains(field.Key)))
        {
            blob.Info[line] = value!.DeepClone();
        }

        return blob;
    }

    /// <summary>Creates content of the same length as on the recorded server. Only the content of the text blob is known.</summary>
    private static BlobContent? Content(string name, JsonElement fixture, int seed) => name switch
    {
        "text" => new MemoryContent(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("hello ✓ wörld\n", 200)))),
        "truncated" => new GeneratedContent(1000, seed),
        "grown" => new GeneratedContent(5000, seed),
        _ when fixture.GetProperty("local_file").GetBoolean() || name.StartsWith("on_sf2", StringComparison.Ordinal) =>
            new GeneratedContent(fixture.GetProperty("size").GetInt64(), seed),
        _ => null,
    };
}
