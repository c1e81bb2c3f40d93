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
        RecordFields fields = new(members);
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
            ReferencesTo = fields.TakeReferences("references_to", uuid, SfReferenceDirection.UsedBy),
            ReferencesFrom = fields.TakeReferences("references_from", uuid, SfReferenceDirection.Uses),
            Metadata = fields.TakeMetadata(),
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
}
