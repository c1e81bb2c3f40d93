using System.Text.Json;
using ShakenFist.Blobs.Json;

namespace ShakenFist.Blobs.Model;

/// <summary>Creates an <see cref="SfInstance"/> from JSON.</summary>
internal static class InstanceReader
{
    private const long GiB = 1L << 30;

    /// <summary>Parses one instance object.</summary>
    /// <exception cref="JsonException">The text is not JSON, not an object, or has no UUID.</exception>
    public static SfInstance Read(ReadOnlySpan<byte> utf8)
    {
        Dictionary<string, object?> members = JsonTree.Parse(utf8) as Dictionary<string, object?> ?? throw new JsonException("The JSON value is not an instance object.");
        RecordFields fields = new(members);

        // The user data often contains passwords, and no command needs it.
        members.Remove("user_data");
        return new SfInstance
        {
            Uuid = fields.Take("uuid", JsonValue.AsGuid) ?? throw new JsonException("The instance object has no uuid."),
            Name = fields.TakeText("name"),
            State = fields.TakeText("state"),
            Namespace = fields.TakeText("namespace"),
            Node = fields.TakeText("node"),
            PowerState = fields.TakeText("power_state"),
            Disks = fields.TakeReference("disks", AsDisks) ?? [],
            Metadata = fields.TakeMetadata(),
            RecordVersion = fields.Take("version", JsonValue.AsLong),
            AdditionalProperties = new(members),
        };
    }

    private static SfInstanceDisk[]? AsDisks(object? value) =>
        value is List<object?> items && items.TrueForAll(item => item is Dictionary<string, object?>)
            ? [.. items.Cast<Dictionary<string, object?>>().Select(AsDisk)]
            : null;

    private static SfInstanceDisk AsDisk(Dictionary<string, object?> members)
    {
        SfDictionary<object?> rest = new(members, StringComparer.Ordinal);
        RecordFields fields = new(rest);
        return new SfInstanceDisk
        {
            Device = fields.TakeText("device"),
            Bus = fields.TakeText("bus"),
            Size = fields.Take("size", AsBytes),
            BlobUuid = fields.Take("blob_uuid", JsonValue.AsGuid),
            SnapshotIgnores = fields.Take("snapshot_ignores", JsonValue.AsBool),
            AdditionalProperties = rest,
        };
    }

    /// <summary>Converts the size, which the server sends in GiB.</summary>
    private static long? AsBytes(object? value) => JsonValue.AsLong(value) is long size and >= 0 and < (long.MaxValue / GiB) ? size * GiB : null;
}
