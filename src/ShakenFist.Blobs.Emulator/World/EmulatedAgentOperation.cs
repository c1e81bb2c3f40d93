using System.Text.Json.Nodes;

namespace ShakenFist.Blobs.Emulator;

/// <summary>An operation of the agent in an instance, such as to run a command or to get a file.</summary>
public sealed class EmulatedAgentOperation
{
    public Guid Uuid { get; init; } = Guid.NewGuid();

    public required string Namespace { get; init; }

    public Guid InstanceUuid { get; init; } = Guid.NewGuid();

    /// <summary>The state: initial, preflight, queued, executing, complete, deleted, or error.</summary>
    public string State { get; set; } = "complete";

    public JsonArray Commands { get; init; } = [];

    /// <summary>The results by the number of the command. They can refer to blobs with content_blob, stdout_blob, and stderr_blob.</summary>
    public JsonObject Results { get; init; } = [];
}
