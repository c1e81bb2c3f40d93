using ShakenFist.Blobs.Json;

namespace ShakenFist.Blobs.Model;

/// <summary>Takes known fields from the JSON object of a record. The remaining fields become additional properties.</summary>
internal readonly struct RecordFields(Dictionary<string, object?> members)
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

    public SfDictionary<object?> TakeMetadata() =>
        TakeReference("metadata", value => value is Dictionary<string, object?> pairs ? new SfDictionary<object?>(pairs) : null) ?? [];

    /// <summary>Takes the rows of <c>references_to</c> or <c>references_from</c>, by relationship.</summary>
    /// <param name="name">The name of the field.</param>
    /// <param name="blob">The UUID of the requested blob. Null for another object: then it is the blob in the row.</param>
    /// <param name="direction">The direction of the rows.</param>
    public SfDictionary<SfBlobReference[]>? TakeReferences(string name, Guid? blob, SfReferenceDirection direction) =>
        TakeReference(name, value => AsReferences(value, blob, direction));

    private static SfDictionary<SfBlobReference[]>? AsReferences(object? value, Guid? blob, SfReferenceDirection direction)
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

    private static SfBlobReference AsReference(Dictionary<string, object?> row, Guid? blob, SfReferenceDirection direction)
    {
        SfDictionary<object?> rest = new(row, StringComparer.Ordinal);
        RecordFields fields = new(rest);
        SfBlobReference reference = new()
        {
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
        return reference with { BlobUuid = blob ?? (reference.OtherType == "blob" && Guid.TryParse(reference.OtherUuid, out Guid other) ? other : Guid.Empty) };
    }

    private void RemoveIfRead(string name, object? raw, bool understood)
    {
        if (understood || raw is null)
        {
            members.Remove(name);
        }
    }
}
