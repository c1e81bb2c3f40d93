using System.Text.Json.Nodes;
using ShakenFist.Blobs.Emulator;

namespace ShakenFist.Blobs.Tests;

/// <summary>Configures an emulator like the recorded server with artifacts and instances.</summary>
internal static class RecordedArtifacts
{
    private const string Artifacts = "18-artifacts";
    private const string Instances = "20-instances";

    /// <summary>The artifact that was published with a source URL, from which its name cannot be derived.</summary>
    private const string DebianUrl = "https://example.com/x/debian-12.qcow2";

    /// <summary>Configures the server as it was before the exchanges of group 18, or without the artifacts of later groups.</summary>
    public static async Task<SfEmulator> StartAsync(EmulatorOptions options, bool withArtifacts, CancellationToken ct)
    {
        SfEmulator emulator = await SfEmulator.StartAsync(options, ct);
        EmulatorState state = emulator.State;
        state.AddNamespace("system", "system-secret-1", admin: true, keyName: "deploy");
        foreach (string name in (string[])["ops", "dev", "team"])
        {
            state.AddNamespace(name, name + "-secret-1");
        }

        state.Trust("team", "ops");
        AddBlobs(state);
        AddInstances(state);
        if (withArtifacts)
        {
            AddArtifacts(state);
        }
        else
        {
            RecordedSnapshots.Configure(state.Snapshots);
        }

        return emulator;
    }

    /// <summary>Makes the changes of exchanges in group 18 that the emulator does not reproduce, and on which later exchanges depend.</summary>
    public static void Prepare(EmulatorState state, Recording next)
    {
        if (next.Group != Artifacts)
        {
            return;
        }

        JsonObject metadata = Named("img1").Metadata;
        switch (next.Index)
        {
            case 103:
                metadata["k2"] = new JsonObject { ["a"] = new JsonArray(1, null) };
                break;
            case 118:
                // Two versions were published.
                EmulatedBlob newest = RecordedWorld.Blob(Body(Artifacts, "its blob: deleted").Single());
                newest.State = "created";
                newest.ReferenceCount = 1;
                var other = new EmulatedBlob { Uuid = Guid.Parse("bfd0a6f6-788b-47be-b42c-0d7df5fcd065"), Size = 1271, ReferenceCount = 1, Locations = ["sf-1"] };
                Named("img4").Add(state.AddBlob(other)).Add(state.AddBlob(newest));
                break;
            case 139:
                metadata.Insert(0, "a", "b");
                break;
        }

        EmulatedArtifact Named(string name) => state.Artifacts.Single(artifact => artifact.Name == name && artifact.Namespace == "ops");
    }

    private static void AddBlobs(EmulatorState state)
    {
        IEnumerable<JsonObject> records = Recording.Load(Artifacts).Concat(Recording.Load(Instances))
            .Where(r => r.Index < (r.Group == Instances ? RecordedSnapshots.First : 80) && r.Method == "GET" && r.Response.GetProperty("status").GetInt32() == 200 && (r.Target.EndsWith("/versions", StringComparison.Ordinal) || r.Target.StartsWith("/blobs/", StringComparison.Ordinal)))
            .SelectMany(r => Objects(r.Response.GetProperty("body").GetString()!))
            .Where(record => record.ContainsKey("sha512"));
        foreach (JsonObject record in records.DistinctBy(record => (string)record["uuid"]!))
        {
            state.AddBlob(RecordedWorld.Blob(record));
        }
    }

    private static void AddArtifacts(EmulatorState state)
    {
        foreach (JsonObject record in Body(Artifacts, "list as system"))
        {
            string url = (string)record["source_url"]!;
            var artifact = new EmulatedArtifact
            {
                Uuid = Guid.Parse((string)record["uuid"]!),
                Name = url == DebianUrl ? "debian" : string.Join('/', url.Split('/').Skip(url.StartsWith("sf://instance/", StringComparison.Ordinal) ? 3 : 4)),
                Type = (string)record["artifact_type"]!,
                Namespace = (string)record["namespace"]!,
                SourceUrl = url,
                Shared = (bool)record["shared"]!,
            };
            foreach ((string index, JsonNode? version) in record["blobs"]!.AsObject())
            {
                var uuid = Guid.Parse((string)version!["uuid"]!);
                artifact.Versions[int.Parse(index, System.Globalization.CultureInfo.InvariantCulture)] = uuid;
                if (state.Blob(uuid) is null)
                {
                    state.AddBlob(new EmulatedBlob { Uuid = uuid, Size = (long)version["size"]!, ReferenceCount = (int)version["reference_count"]!, Locations = ["sf-1"] });
                }
            }

            state.AddArtifact(artifact);
        }
    }

    private static void AddInstances(EmulatorState state)
    {
        foreach (JsonObject record in Body(Instances, "list all: deleted too").Concat(Body(Instances, "list as system: all namespaces")).DistinctBy(record => (string)record["uuid"]!))
        {
            state.AddInstance(new EmulatedInstance
            {
                Uuid = Guid.Parse((string)record["uuid"]!),
                Name = (string)record["name"]!,
                Namespace = (string)record["namespace"]!,
                State = (string)record["state"]!,
                Metadata = record["metadata"]!.DeepClone().AsObject(),
                Node = (string?)record["node"],
                PowerState = (string)record["power_state"]!,
                Disks = [.. record["disks"]!.AsArray().Select(disk => new EmulatedDisk(
                    (string)disk!["device"]!,
                    (string)disk["bus"]!,
                    (int?)disk["size"],
                    (string?)disk["blob_uuid"] is { } blob ? Guid.Parse(blob) : null,
                    (bool)disk["snapshot_ignores"]!) { HasFile = (string)record["name"]! is not ("sysvm" or "elsewhere") })],
                Extra = Fields(record, "disk_spec", "uefi", "configdrive", "console_port", "vdi_port", "vdi_tls_port", "interfaces"),
            });
        }
    }

    private static JsonObject Fields(JsonObject record, params string[] names) => new(names.Select(name => KeyValuePair.Create(name, record[name]?.DeepClone())));

    private static IEnumerable<JsonObject> Body(string group, string note) =>
        Objects(Recording.Load(group).First(r => r.Note == note).Response.GetProperty("body").GetString()!);

    private static IEnumerable<JsonObject> Objects(string json) => JsonNode.Parse(json) switch
    {
        JsonArray list => list.OfType<JsonObject>(),
        JsonObject one => [one],
        _ => [],
    };
}
