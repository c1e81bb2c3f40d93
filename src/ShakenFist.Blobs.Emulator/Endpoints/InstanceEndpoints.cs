using System.Text.Json.Nodes;

namespace ShakenFist.Blobs.Emulator;

/// <summary>Handles the list of instances and single instances by UUID or name.</summary>
internal static class InstanceEndpoints
{
    private static readonly string[] StateOrder = ["created", "creating", "error", "initial"];

    public static ValueTask<Reply> List(Call call)
    {
        if (call.BadCall is { } bad)
        {
            return ValueTask.FromResult(bad);
        }

        bool all = PythonType.IsTruthy(call.Arguments["all"]);
        IEnumerable<EmulatedInstance> listed = call.State.Instances
            .Where(instance => call.Owns(instance.Namespace) && (all || instance.State != "deleted"))
            .OrderBy(instance => all ? 0 : Array.IndexOf(StateOrder, instance.State))
            .ThenBy(instance => instance.Uuid.ToString(), StringComparer.Ordinal);
        return ValueTask.FromResult(Call.Json(new JsonArray([.. listed.Select(Record)])));
    }

    public static ValueTask<Reply> Get(Call call)
    {
        (EmulatedInstance? instance, Reply? refusal) = Find(call);
        return ValueTask.FromResult(refusal ?? Call.Json(Record(instance!)));
    }

    public static ValueTask<Reply> Metadata(Call call)
    {
        (EmulatedInstance? instance, Reply? refusal) = Find(call);
        return ValueTask.FromResult(refusal ?? Call.Json((ref json) => json.Node(instance!.Metadata, sorted: true)));
    }

    /// <summary>Returns the instance that a request names, or the response if it is missing. Trust between namespaces does not extend to instances.</summary>
    public static (EmulatedInstance? Instance, Reply? Refusal) Find(Call call)
    {
        string reference = call.Arguments.Text("instance_ref");
        EmulatedInstance[] found = Call.Named(
            reference,
            call.State.Instances,
            instance => instance.Uuid,
            instance => instance.Name == reference && instance.State != "deleted" && call.Owns(instance.Namespace));
        return found switch
        {
            [var instance] when call.Owns(instance.Namespace) => (instance, call.BadCall),
            [_, _, ..] => (null, call.Ambiguous("instances", reference)),
            _ => (null, Reply.Error(404, "instance not found")),
        };
    }

    private static JsonObject Record(EmulatedInstance instance)
    {
        var record = new JsonObject
        {
            ["uuid"] = instance.Uuid.ToString(),
            ["state"] = instance.State,
            ["metadata"] = instance.Metadata.DeepClone(),
            ["version"] = 14,
            ["cpus"] = 1,
            ["disk_spec"] = new JsonArray([.. instance.Disks.Where(disk => !disk.SnapshotIgnores).Select(Ordered)]),
            ["memory"] = 1024,
            ["name"] = instance.Name,
            ["namespace"] = instance.Namespace,
            ["ssh_key"] = null,
            ["user_data"] = null,
            ["video"] = new JsonObject { ["memory"] = 16384, ["model"] = "cirrus", ["vdi"] = "spice" },
            ["uefi"] = false,
            ["configdrive"] = "openstack-disk",
            ["nvram_template"] = null,
            ["secure_boot"] = false,
            ["machine_type"] = "pc",
            ["side_channels"] = new JsonArray("sf-agent"),
            ["agent_state"] = null,
            ["agent_start_time"] = null,
            ["agent_system_boot_time"] = null,
            ["error_message"] = null,
            ["console_port"] = null,
            ["node"] = instance.Node,
            ["power_state"] = instance.PowerState,
            ["vdi_port"] = null,
            ["vdi_tls_port"] = null,
            ["interfaces"] = new JsonArray(),
            ["disks"] = new JsonArray([.. instance.Disks.Select(Disk)]),
        };
        foreach ((string name, JsonNode? value) in instance.Extra)
        {
            record[name] = value?.DeepClone();
        }

        return record;
    }

    private static JsonObject Ordered(EmulatedDisk disk) => new()
    {
        ["base"] = null,
        ["blob_uuid"] = disk.BlobUuid?.ToString(),
        ["bus"] = disk.Bus,
        ["size"] = disk.Size,
        ["type"] = "disk",
    };

    private static JsonObject Disk(EmulatedDisk disk) => new()
    {
        ["device"] = disk.Device,
        ["bus"] = disk.Bus,
        ["size"] = disk.Size,
        ["blob_uuid"] = disk.BlobUuid?.ToString(),
        ["snapshot_ignores"] = disk.SnapshotIgnores,
    };
}
