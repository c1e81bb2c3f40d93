using System.Text.Json.Nodes;

namespace ShakenFist.Blobs.Emulator;

/// <summary>Handles the snapshots of an instance.</summary>
internal static class SnapshotEndpoints
{
    private const string Nvram = "nvram";

    public static ValueTask<Reply> Take(Call call)
    {
        (EmulatedInstance? instance, Reply? refusal) = InstanceEndpoints.Find(call);
        if (instance is null)
        {
            return ValueTask.FromResult(refusal!);
        }

        // The request is forwarded to the node of the instance. Without a node, the Python method returns nothing.
        if (instance.Node is null)
        {
            return ValueTask.FromResult(Reply.NullJson());
        }

        return ValueTask.FromResult(instance.State != "created"
            ? Reply.Error(406, $"instance {instance.Uuid} is not ready ({instance.State})")
            : refusal ?? Call.Json(new JsonObject(Devices(call, instance).Select(device => KeyValuePair.Create(device, (JsonNode?)TakeOne(call, instance, device))))));
    }

    /// <summary>Lists one row for each version, also of deleted artifacts. The fields of the blob replace those of the artifact.</summary>
    public static ValueTask<Reply> List(Call call)
    {
        (EmulatedInstance? instance, Reply? refusal) = InstanceEndpoints.Find(call);
        if (refusal is not null)
        {
            return ValueTask.FromResult(refusal);
        }

        var rows = new JsonArray();
        foreach (EmulatedArtifact artifact in call.State.Artifacts.Where(artifact => IsOf(artifact, instance!)).OrderBy(artifact => artifact.Uuid.ToString(), StringComparer.Ordinal))
        {
            lock (artifact.Gate)
            {
                foreach (EmulatedBlob blob in artifact.Versions.Values.Select(call.State.Blob).OfType<EmulatedBlob>())
                {
                    rows.Add(Row(artifact, blob, call));
                }
            }
        }

        return ValueTask.FromResult(Call.Json(rows));
    }

    private static IEnumerable<string> Devices(Call call, EmulatedInstance instance)
    {
        List<EmulatedDisk> disks = [.. instance.Disks];
        if (PythonType.IsTruthy(instance.Extra["uefi"]))
        {
            disks.Add(new EmulatedDisk(Nvram, "", null, null));
        }

        if (PythonType.IsTruthy(call.Arguments["device"]))
        {
            disks.RemoveAll(disk => disk.Device != call.Arguments.Text("device"));
        }
        else if (!PythonType.IsTruthy(call.Arguments["all"]))
        {
            disks.RemoveRange(1, disks.Count - 1);
        }

        return disks.Where(disk => disk is { SnapshotIgnores: false, HasFile: true }).Select(disk => disk.Device);
    }

    private static JsonObject TakeOne(Call call, EmulatedInstance instance, string device)
    {
        SnapshotJobs jobs = call.State.Snapshots;
        string name = $"{instance.Uuid}/{device}";
        EmulatedArtifact artifact = call.State.Artifacts.FirstOrDefault(artifact => artifact.Type == "snapshot" && artifact.State != "deleted" && artifact.SourceUrl == $"sf://instance/{name}")
            ?? call.State.AddArtifact(new EmulatedArtifact
            {
                Uuid = jobs.NewUuid(),
                Name = name,
                Type = "snapshot",
                Namespace = instance.Namespace,
                MaxVersions = PythonType.IsTruthy(call.Arguments["max_versions"]) ? (int)(long)call.Arguments["max_versions"]! : 3,
            });
        var snapshot = new EmulatedSnapshot(instance, device, artifact, jobs.NewUuid(), PythonType.IsTruthy(call.Arguments["thin"]));
        jobs.Add(snapshot);
        if (device == Nvram)
        {
            // Copied during the request, because it is small.
            jobs.Run(snapshot);
        }

        return new JsonObject { ["source_url"] = artifact.SourceUrl, ["artifact_uuid"] = artifact.Uuid.ToString(), ["blob_uuid"] = snapshot.BlobUuid.ToString() };
    }

    private static bool IsOf(EmulatedArtifact artifact, EmulatedInstance instance) =>
        artifact.Type == "snapshot" && artifact.SourceUrl.StartsWith($"sf://instance/{instance.Uuid}/", StringComparison.Ordinal);

    private static JsonObject Row(EmulatedArtifact artifact, EmulatedBlob blob, Call call)
    {
        JsonObject row = ArtifactRecord.Of(artifact, call, withInstances: false);
        foreach (string name in (string[])["blob_uuid", "index", "blobs"])
        {
            row.Remove(name);
        }

        foreach ((string name, JsonNode? value) in BlobRecord.ToJson(blob, call.Options, call.IsAdmin).Where(member => member.Key != "uuid"))
        {
            row[name] = value?.DeepClone();
        }

        row["blob_uuid"] = blob.Uuid.ToString();
        row["instances"] = new JsonArray([.. blob.Instances.Select(uuid => JsonValue.Create(uuid.ToString()))]);
        return row;
    }
}
