using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace ShakenFist.Blobs.Emulator;

/// <summary>
/// Handles the endpoints of the emulator itself under /emulator, for tests in other languages: faults, blobs, requests, and expired tokens. They do not require a
/// token, because the emulator only listens on the loopback address.
/// </summary>
internal sealed class ControlEndpoints(EmulatorState state, FaultPlan faults, Tokens tokens, RequestLog log)
{
    private static readonly JsonSerializerOptions Reading = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter() },
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    private static readonly JsonSerializerOptions Writing = new(JsonSerializerDefaults.Web);

    public async Task RunAsync(HttpContext http, string path)
    {
        string call = $"{http.Request.Method} {path}";
        if (path.StartsWith(RangeEndpoint.Prefix, StringComparison.Ordinal))
        {
            await RangeEndpoint.SendAsync(http, Guid.TryParse(path[RangeEndpoint.Prefix.Length..], out Guid uuid) ? state.Blob(uuid)?.Content : null);
            return;
        }

        try
        {
            (int status, JsonNode? answer) = await AnswerAsync(call, http);
            await SendAsync(http, status, answer);
        }
        catch (Exception e) when (e is JsonException or ArgumentException or FormatException or InvalidOperationException)
        {
            await SendAsync(http, 400, new JsonObject { ["error"] = e.Message });
        }
    }

    private async Task<(int Status, JsonNode? Answer)> AnswerAsync(string call, HttpContext http)
    {
        switch (call)
        {
            case "POST /emulator/faults":
                faults.Add(await ReadAsync<Fault>(http));
                return (200, null);
            case "DELETE /emulator/faults":
                faults.Clear();
                return (200, null);
            case "POST /emulator/blobs":
                BlobOrder order = await ReadAsync<BlobOrder>(http);
                return (200, new JsonObject { ["uuid"] = state.AddBlob(order.ToBlob()).Uuid.ToString() });
            case "GET /emulator/requests":
                return (200, JsonSerializer.SerializeToNode(log.Snapshot().Select(View), Writing));
            case "DELETE /emulator/requests":
                log.Clear();
                return (200, null);
            case "POST /emulator/expire-tokens":
                tokens.ExpireAll();
                return (200, null);
            default:
                return (404, new JsonObject { ["error"] = $"The call {call} does not exist." });
        }
    }

    private static async Task<T> ReadAsync<T>(HttpContext http) =>
        await JsonSerializer.DeserializeAsync<T>(http.Request.Body, Reading, http.RequestAborted)
            ?? throw new JsonException("The body is null.");

    private static object View(RequestRecord request) => new
    {
        request.Method,
        request.Target,
        request.Path,
        request.Query,
        request.Status,
        request.RequestId,
        request.Headers,
        request.BytesSent,
        Body = Encoding.UTF8.GetString(request.Body.Span),
        request.StartedAt,
        request.Completed,
    };

    private static async Task SendAsync(HttpContext http, int status, JsonNode? answer)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = Reply.Json;
        await http.Response.WriteAsync((answer?.ToJsonString() ?? "null") + "\n", http.RequestAborted);
    }
}
