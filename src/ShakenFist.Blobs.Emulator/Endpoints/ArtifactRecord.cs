using System.Globalization;
using System.Text.Json.Nodes;

namespace ShakenFist.Blobs.Emulator;

/// <summary>Creates the record of an artifact in the form of a server generation.</summary>
internal static class ArtifactRecord
{
    public static JsonObject Of(EmulatedArtifact artifact, Call call, bool withInstances)
    {
        lock (artifact.Gate)
        {
            var record = new JsonObject
            {
                ["uuid"] = artifact.Uuid.ToString(),
                ["state"] = artifact.State,
                ["metadata"] = artifact.Metadata.DeepClone(),
                ["version"] = 6,
                ["artifact_type"] = artifact.Type,
                ["source_url"] = artifact.SourceUrl,
                ["max_versions"] = artifact.MaxVersions,
                ["namespace"] = artifact.Namespace,
                ["shared"] = artifact.Shared,
            };
            if (artifact.Versions.Count > 0)
            {
                record["blob_uuid"] = artifact.Versions.Last().Value.ToString();
            }

            record["index"] = artifact.Versions.Count == 0 ? 0 : artifact.Versions.Keys.Last();
            record["blobs"] = Blobs(artifact, call.State, withInstances);
            if (call.Options.Generation >= ServerGeneration.C)
            {
                record["error_message"] = null;
                record["last_cluster_operation"] = null;
                record["references_to"] = new JsonObject();
                record["references_from"] = References(artifact, call.IsAdmin);
            }

            foreach ((string name, JsonNode? value) in artifact.Extra)
            {
                record[name] = value?.DeepClone();
            }

            return record;
        }
    }

    private static JsonObject Blobs(EmulatedArtifact artifact, EmulatorState state, bool withInstances)
    {
        var blobs = new JsonObject();
        foreach ((int index, Guid uuid) in artifact.Versions)
        {
            // A version whose blob was removed completely keeps its index, but is not in the list.
            if (state.Blob(uuid) is { } blob)
            {
                var version = new JsonObject
                {
                    ["uuid"] = uuid.ToString(),
                    ["size"] = blob.Size,
                    ["reference_count"] = blob.ReferenceCount,
                    ["depends_on"] = blob.DependsOn?.ToString(),
                };
                if (withInstances)
                {
                    version["instances"] = new JsonArray([.. blob.Instances.Select(i => JsonValue.Create(i.ToString()))]);
                }

                blobs[index.ToString(CultureInfo.InvariantCulture)] = version;
            }
        }

        return blobs;
    }

    private static JsonObject References(EmulatedArtifact artifact, bool forAdmin)
    {
        // As with blobs, the server sends the rows only to the system namespace.
        JsonNode[] rows = [.. artifact.Versions.Where(_ => forAdmin).Select(version => new JsonObject
        {
            ["source_object_type"] = "artifact",
            ["source_uuid"] = artifact.Uuid.ToString(),
            ["relationship"] = "artifact_index",
            ["relationship_value"] = version.Key.ToString("D12", CultureInfo.InvariantCulture),
            ["target_object_type"] = "blob",
            ["target_uuid"] = version.Value.ToString(),
            ["created"] = 1_795_373_770.25,
            ["last_active"] = 1_795_373_790.5,
        })];
        return rows.Length == 0 ? [] : new JsonObject { ["artifact_index"] = new JsonArray(rows) };
    }
}
