using System.Text.Json;
using ShakenFist.Blobs.Json;

namespace ShakenFist.Blobs.Model;

/// <summary>Creates an <see cref="SfBlob"/> from JSON. Fields that cannot be converted are kept in <see cref="SfBlob.AdditionalProperties"/>.</summary>
internal static class BlobReader
{
    /// <summary>Parses one blob object.</summary>
    /// <exception cref="JsonException">The text is not JSON, not an object, or has no UUID.</exception>
    public static SfBlob Read(ReadOnlySpan<byte> utf8) => JsonTree.Parse(utf8) is Dictionary<string, object?> members
        ? Read(members)
        : throw new JsonException("The JSON value is not a blob object.");

    private static SfBlob Read(Dictionary<string, object?> members)
    {
        Fields fields = new(members);
        Guid uuid = fields.Take("uuid", JsonValue.AsGuid) ?? throw new JsonException("The blob object has no uuid.");
        string? sha512 = fields.TakeText("sha512");
        return new SfBlob
        {
            Uuid = uuid,
            State = fields.TakeText("state"),
            Size = fields.Take("size", JsonValue.AsLong),
            FileFormat = fields.TakeText("file format"),
            MimeType = fields.TakeText("mime-type"),
            VirtualSize = fields.Take("virtual size", JsonValue.AsLong),
            DiskSize = fields.TakeText("disk size"),
            Modified = fields.Take("modified", JsonValue.AsTime),
            FetchedAt = fields.Take("fetched_at", JsonValue.AsTime),
            LastUsed = fields.Take("last_used", JsonValue.AsTime),
            Checksums = TakeChecksums(members, sha512),
            Sha512 = sha512,
            DependsOn = fields.Take("depends_on", JsonValue.AsGuid),
            Transcodes = fields.TakeReference("transcodes", AsGuidMap) ?? [],
            Locations = fields.TakeReference("locations", JsonValue.AsTexts),
            Instances = fields.TakeReference("instances", JsonValue.AsGuids),
            ReferenceCount = fields.Take("reference_count", JsonValue.AsLong),
            ReferencesTo = fields.TakeReference("references_to", value => AsReferences(value, uuid, SfReferenceDirection.UsedBy)),
            ReferencesFrom = fields.TakeReference("references_from", value => AsReferences(value, uuid, SfReferenceDirection.Uses)),
            Metadata = fields.TakeReference("metadata", value => value is Dictionary<string, object?> pairs ? new SfDictionary<object?>(pairs) : null) ?? [],
            RecordVersion = fields.Take("version", JsonValue.AsLong),
            ClusterSize = fields.Take("cluster_size", JsonValue.AsLong),
            Compat = fields.Take("compat", JsonValue.AsDouble),
            CompressionType = fields.TakeText("compression type"),
            ExtendedL2 = fields.Take("extended l2", JsonValue.AsBool),
            BackingFile = fields.TakeText("backing file"),
            BackingFileFormat = fields.TakeText("backing file format"),
            AdditionalProperties = new(members),
        };
    }

    /// <summary>
    /// Merges the two fields that contain hashes: <c>checksums</c>, which newer servers send, and <c>sha512</c>, which all servers send. Values that are not text, and
    /// repeated names, stay in <c>checksums</c>.
    /// </summary>
    private static SfDictionary<string> TakeChecksums(Dictionary<string, object?> members, string? sha512)
    {
        SfDictionary<string> checksums = new(StringComparer.OrdinalIgnoreCase);
        if (members.GetValueOrDefault("checksums") is Dictionary<string, object?> published)
        {
            Dictionary<string, object?> others = [];
            foreach ((string name, object? value) in published)
            {
                if (value is not null && !(value is string text && checksums.TryAdd(name, text)))
                {
                    others.Add(name, value);
                }
            }

            members["checksums"] = others.Count > 0 ? others : null;
        }

        if (members.GetValueOrDefault("checksums") is null)
        {
            members.Remove("checksums");
        }

        if (sha512 is not null)
        {
            checksums.TryAdd("sha512", sha512);
        }

        return checksums;
    }

    private static SfDictionary<Guid>? AsGuidMap(object? value)
    {
        if (value is not Dictionary<string, object?> members || members.Values.Any(v => JsonValue.AsGuid(v) is null))
        {
            return null;
        }

        return new(members.ToDictionary(m => m.Key, m => JsonValue.AsGuid(m.Value)!.Value, StringComparer.Ordinal));
    }

    private static SfDictionary<SfBlobReference[]>? AsReferences(object? value, Guid blob, SfReferenceDirection direction)
    {
        if (value is not Dictionary<string, object?> members
            || members.Values.Any(v => v is not List<object?> rows || rows.Exists(row => row is not Dictionary<string, object?>)))
        {
            return null;
        }

        return new(members.ToDictionary(
            m => m.Key,
            m => ((List<object?>)m.Value!).Cast<Dictionary<string, object?>>().Select(row => AsReference(row, blob, direction)).ToArray(),
            StringComparer.Ordinal));
    }

    private static SfBlobReference AsReference(Dictionary<string, object?> row, Guid blob, SfReferenceDirection direction)
    {
        SfDictionary<object?> rest = new(row, StringComparer.Ordinal);
        Fields fields = new(rest);
        return new SfBlobReference
        {
            BlobUuid = blob,
            Direction = direction,
            SourceObjectType = fields.TakeText("source_object_type"),
            SourceUuid = fields.TakeText("source_uuid"),
            Relationship = fields.TakeText("relationship"),
            RelationshipValue = fields.TakeText("relationship_value"),
            TargetObjectType = fields.TakeText("target_object_type"),
            TargetUuid = fields.TakeText("target_uuid"),
            Created = fields.Take("created", JsonValue.AsTime),
            LastActive = fields.Take("last_active", JsonValue.AsTime),
            AdditionalProperties = rest,
        };
    }

    /// <summary>Takes known fields from the object. The remaining fields become additional properties.</summary>
    private readonly struct Fields(Dictionary<string, object?> members)
    {
        public T? Take<T>(string name, Func<object?, T?> read)
            where T : struct
        {
            T? value = members.TryGetValue(name, out object? raw) ? read(raw) : null;
            RemoveIfRead(name, raw, value is not null);
            return value;
        }

        public T? TakeReference<T>(string name, Func<object?, T?> read)
            where T : class
        {
            T? value = members.TryGetValue(name, out object? raw) ? read(raw) : null;
            RemoveIfRead(name, raw, value is not null);
            return value;
        }

        /// <summary>Reads a word of the server. If it contains characters that could control a terminal, they are removed, and the original is kept in the additional properties.</summary>
        public string? TakeText(string name)
        {
            members.TryGetValue(name, out object? raw);
            string? text = TakeReference(name, JsonValue.AsText);
            string clean = ServerText.Clean(text, int.MaxValue);
            if (text is null || text == clean)
            {
                return text;
            }

            members[name] = raw;
            return clean;
        }

        private void RemoveIfRead(string name, object? raw, bool understood)
        {
            if (understood || raw is null)
            {
                members.Remove(name);
            }
        }
    }
}
