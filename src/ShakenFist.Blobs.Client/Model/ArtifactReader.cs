using System.Globalization;
using System.Text.Json;
using ShakenFist.Blobs.Json;

namespace ShakenFist.Blobs.Model;

/// <summary>Creates an <see cref="SfArtifact"/> from JSON.</summary>
internal static class ArtifactReader
{
    /// <summary>Parses one artifact object.</summary>
    /// <exception cref="JsonException">The text is not JSON, not an object, or has no UUID.</exception>
    public static SfArtifact Read(ReadOnlySpan<byte> utf8)
    {
        Dictionary<string, object?> members = JsonTree.Parse(utf8) as Dictionary<string, object?> ?? throw new JsonException("The JSON value is not an artifact object.");
        RecordFields fields = new(members);
        string? sourceUrl = fields.TakeText("source_url");

        // The index of the newest version is the highest of all versions, so it adds nothing.
        _ = fields.Take("index", JsonValue.AsLong);
        return new SfArtifact
        {
            Uuid = fields.Take("uuid", JsonValue.AsGuid) ?? throw new JsonException("The artifact object has no uuid."),
            Name = ArtifactName.Of(sourceUrl),
            Type = fields.TakeText("artifact_type"),
            SourceUrl = sourceUrl,
            Namespace = fields.TakeText("namespace"),
            Shared = fields.Take("shared", JsonValue.AsBool),
            State = fields.TakeText("state"),
            MaxVersions = fields.Take("max_versions", JsonValue.AsLong),
            BlobUuid = fields.Take("blob_uuid", JsonValue.AsGuid),
            Versions = fields.TakeReference("blobs", AsVersions) ?? [],
            Metadata = fields.TakeMetadata(),
            ReferencesTo = fields.TakeReferences("references_to", blob: null, SfReferenceDirection.UsedBy),
            ReferencesFrom = fields.TakeReferences("references_from", blob: null, SfReferenceDirection.Uses),
            RecordVersion = fields.Take("version", JsonValue.AsLong),
            AdditionalProperties = new(members),
        };
    }

    private static SfArtifactVersion[]? AsVersions(object? value)
    {
        if (value is not Dictionary<string, object?> members)
        {
            return null;
        }

        SfArtifactVersion[] versions = [.. members.Select(m => AsVersion(m.Key, m.Value)).OfType<SfArtifactVersion>().OrderBy(version => version.Index)];
        return versions.Length == members.Count ? versions : null;
    }

    private static SfArtifactVersion? AsVersion(string index, object? value)
    {
        if (value is not Dictionary<string, object?> members || !long.TryParse(index, NumberStyles.None, CultureInfo.InvariantCulture, out long number) || JsonValue.AsGuid(members.GetValueOrDefault("uuid")) is not { } blob)
        {
            return null;
        }

        SfDictionary<object?> rest = new(members, StringComparer.Ordinal);
        rest.Remove("uuid");
        RecordFields fields = new(rest);
        return new SfArtifactVersion
        {
            Index = number,
            BlobUuid = blob,
            Size = fields.Take("size", JsonValue.AsLong),
            DependsOn = fields.Take("depends_on", JsonValue.AsGuid),
            ReferenceCount = fields.Take("reference_count", JsonValue.AsLong),
            Instances = fields.TakeReference("instances", JsonValue.AsGuids),
            AdditionalProperties = rest,
        };
    }
}
