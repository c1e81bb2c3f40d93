using System.Text.Json;
using System.Text.Json.Nodes;
using ShakenFist.Blobs.Emulator;

namespace ShakenFist.Blobs.Tests;

/// <summary>Repeats the snapshots of group 20: the UUIDs and the blobs that the recorded server created, and the moments at which its jobs ran.</summary>
internal static class RecordedSnapshots
{
    /// <summary>The first exchange about snapshots.</summary>
    public const int First = 24;

    private const string Group = "20-instances";

    // Before these exchanges, the jobs of the recorded server ran.
    private static readonly int[] AfterJobs = [30, 37, 71, 76];

    private static readonly string[] ArtifactFields = ["artifact_type", "source_url", "max_versions", "namespace", "shared", "blob_uuid"];

    public static void Configure(SnapshotJobs jobs)
    {
        var uuids = new Queue<Guid>(Uuids());
        Dictionary<Guid, JsonObject> rows = Rows();
        jobs.Delay = Timeout.InfiniteTimeSpan;
        jobs.NewUuid = uuids.Dequeue;

        // The job of the thin snapshot failed.
        jobs.CreateBlob = snapshot => rows.TryGetValue(snapshot.BlobUuid, out JsonObject? row) ? RecordedWorld.Blob(row) : null;
    }

    public static void Prepare(EmulatorState state, Recording next)
    {
        if (AfterJobs.Contains(next.Index))
        {
            state.Snapshots.RunAll();
        }

        if (next.Note == "DELETE the snapshot artifact")
        {
            // A label was added, which the emulator does not reproduce.
            state.Blob(Guid.Parse("308aafa9-6375-4356-801c-de549526acc5"))!.ReferenceCount++;
        }
    }

    private static IEnumerable<Guid> Uuids()
    {
        HashSet<Guid> seen = [];
        foreach (Recording taken in Recording.Load(Group).Where(r => r.Method == "POST" && r.Target.EndsWith("/snapshot", StringComparison.Ordinal)))
        {
            JsonElement response = JsonDocument.Parse(taken.Response.GetProperty("body").GetString()!).RootElement;
            if (taken.Response.GetProperty("status").GetInt32() != 200 || response.ValueKind != JsonValueKind.Object)
            {
                continue;
            }

            foreach (JsonProperty device in response.EnumerateObject())
            {
                Guid artifact = device.Value.GetProperty("artifact_uuid").GetGuid();
                if (seen.Add(artifact))
                {
                    yield return artifact;
                }

                yield return device.Value.GetProperty("blob_uuid").GetGuid();
            }
        }
    }

    private static Dictionary<Guid, JsonObject> Rows()
    {
        Dictionary<Guid, JsonObject> rows = [];
        foreach (Recording list in Recording.Load(Group).Where(r => r.Method == "GET" && r.Target.EndsWith("/snapshot", StringComparison.Ordinal) && r.Response.GetProperty("status").GetInt32() == 200))
        {
            foreach (JsonObject row in JsonNode.Parse(list.Response.GetProperty("body").GetString()!)!.AsArray().OfType<JsonObject>())
            {
                JsonObject blob = row.DeepClone().AsObject();
                blob["uuid"] = (string)row["blob_uuid"]!;
                foreach (string field in ArtifactFields)
                {
                    blob.Remove(field);
                }

                rows.TryAdd(Guid.Parse((string)row["blob_uuid"]!), blob);
            }
        }

        return rows;
    }
}
