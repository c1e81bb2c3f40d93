using System.Globalization;
using System.Text.Json;
using ShakenFist.Blobs.Http;
using ShakenFist.Blobs.Json;

namespace ShakenFist.Blobs;

/// <summary>Contains the call for agent operations of the REST API.</summary>
internal static class AgentOperationApi
{
    private static readonly string[] Streams = ["stdout", "stderr"];

    /// <summary>Gets the blobs that an agent operation created: of each command, the file that it got, or its output (<c>GET /agentoperations/{uuid}</c>).</summary>
    /// <exception cref="SfException">
    /// <see cref="SfErrors.AgentOperationNotFound"/>, or <see cref="SfErrors.NotReady"/> if the operation has not ended.
    /// </exception>
    public static async Task<IReadOnlyList<AgentOutput>> GetAgentOutputAsync(this SfSession session, Guid uuid, ISfLog log, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        ApiRequest request = new(HttpMethod.Get, session.Routes.AgentOperation(uuid)) { Subject = $"get agent operation {uuid:D}", NotFound = SfErrors.AgentOperationNotFound };
        (string? state, IReadOnlyList<AgentOutput> output) = await session.ReadAsync(request, utf8 => Read(uuid, utf8), log, cancellationToken).ConfigureAwait(false);
        if (state is not ("complete" or "error" or "deleted"))
        {
            throw new SfException(SfErrors.NotReady, $"Agent operation {uuid:D} has not ended (state '{ServerText.Clean(state, 40)}').");
        }

        return output;
    }

    private static (string? State, IReadOnlyList<AgentOutput> Output) Read(Guid uuid, ReadOnlySpan<byte> utf8)
    {
        Dictionary<string, object?> members = JsonTree.Parse(utf8) as Dictionary<string, object?> ?? throw new JsonException("The JSON value is not an agent operation.");
        if (JsonValue.AsGuid(members.GetValueOrDefault("uuid")) is var found && found != uuid)
        {
            throw new JsonException($"The response describes agent operation {found:D}.");
        }

        IEnumerable<KeyValuePair<string, object?>> results = members.GetValueOrDefault("results") as Dictionary<string, object?> ?? [];
        return (JsonValue.AsText(members.GetValueOrDefault("state")),
            [.. results.OrderBy(result => int.TryParse(result.Key, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : int.MaxValue)
                .SelectMany(result => result.Value is Dictionary<string, object?> fields ? OutputOf(fields) : [])]);
    }

    private static IEnumerable<AgentOutput> OutputOf(Dictionary<string, object?> result)
    {
        if (JsonValue.AsGuid(result.GetValueOrDefault("content_blob")) is { } content)
        {
            Dictionary<string, object?>? file = result.GetValueOrDefault("stat_result") as Dictionary<string, object?>;
            yield return new AgentOutput(content, ServerText.Clean(JsonValue.AsText(result.GetValueOrDefault("path")), 200), JsonValue.AsLong(file?.GetValueOrDefault("size")));
        }

        foreach (string stream in Streams)
        {
            if (JsonValue.AsGuid(result.GetValueOrDefault(stream + "_blob")) is { } blob)
            {
                yield return new AgentOutput(blob, stream, Size: null);
            }
        }
    }
}

/// <summary>A blob that an agent operation created.</summary>
/// <param name="BlobUuid">The UUID of the blob.</param>
/// <param name="Source">The path of the file in the instance, or stdout or stderr.</param>
/// <param name="Size">The size of the file in the instance. Null for the output of a command.</param>
internal sealed record AgentOutput(Guid BlobUuid, string Source, long? Size)
{
    /// <summary>Adds the source to the blob.</summary>
    /// <exception cref="SfException"><see cref="SfErrors.AgentOutputIncomplete"/> if the blob does not have the size of the file.</exception>
    public SfBlob Checked(SfBlob blob, Guid operation) => Size is null || blob.Size == Size
        ? blob with { AgentOutput = Source }
        : throw new SfException(SfErrors.AgentOutputIncomplete, string.Create(CultureInfo.InvariantCulture,
            $"Blob {blob.Uuid:D} of agent operation {operation:D} does not contain the whole file '{Source}': its size is {blob.Size} bytes, and the size of the file is {Size} bytes."));
}
