using System.Text.Json.Nodes;

namespace ShakenFist.Blobs.Emulator;

/// <summary>Handles single agent operations. Only the namespace of the operation and the system namespace can read them.</summary>
internal static class AgentOperationEndpoint
{
    public static ValueTask<Reply> Get(Call call)
    {
        string uuid = call.Arguments.Text("operation_uuid");
        EmulatedAgentOperation? operation = call.State.AgentOperations.FirstOrDefault(operation => operation.Uuid.ToString() == uuid);
        return ValueTask.FromResult(operation is null || !call.Owns(operation.Namespace)
            ? Reply.Error(404, "agent operation not found")
            : call.BadCall ?? Call.Json(Record(operation, call.Options.Generation)));
    }

    private static JsonObject Record(EmulatedAgentOperation operation, ServerGeneration generation)
    {
        bool isNew = generation >= ServerGeneration.C;
        var record = new JsonObject
        {
            ["uuid"] = operation.Uuid.ToString(),
            ["state"] = operation.State,
            ["metadata"] = new JsonObject(),
            ["version"] = isNew ? 3 : 1,
            ["namespace"] = operation.Namespace,
            ["instance_uuid"] = operation.InstanceUuid.ToString(),
            ["commands"] = operation.Commands.DeepClone(),
            ["results"] = operation.Results.DeepClone(),
        };
        if (isNew)
        {
            record["deadline"] = 1_795_373_770.5;
            record["progress_timeout"] = 0.0;
            record["attempts"] = 0;
            record["last_progress"] = null;
        }

        return record;
    }
}
