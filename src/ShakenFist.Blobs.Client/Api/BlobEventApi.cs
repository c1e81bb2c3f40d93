using System.Text.Json;
using ShakenFist.Blobs.Http;
using ShakenFist.Blobs.Json;

namespace ShakenFist.Blobs;

/// <summary>Contains the event call of the REST API.</summary>
public static class BlobEventApi
{
    /// <summary>Gets the events of a blob, newest first (<c>GET /blobs/{uuid}/events</c>, if <c>blob-events</c> is announced).</summary>
    /// <param name="session">The session.</param>
    /// <param name="uuid">The UUID of the blob.</param>
    /// <param name="type">Returns only events of this type, such as audit. Null for all.</param>
    /// <param name="maxEvents">The maximum number of events. The default of the server is 100, and its maximum is 1000.</param>
    /// <param name="log">Receives a line for each request.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public static Task<IReadOnlyList<SfBlobEvent>> GetBlobEventsAsync(this SfSession session, Guid uuid, string? type, int? maxEvents, ISfLog log, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);

        // The arguments of this call are in the body of a GET request. Without arguments, there is no body.
        Dictionary<string, object?> arguments = [];
        if (type is not null)
        {
            arguments["event_type"] = type;
        }

        if (maxEvents is not null)
        {
            arguments["limit"] = maxEvents;
        }

        ApiRequest request = new(HttpMethod.Get, session.Routes.BlobEvents(uuid))
        {
            Body = arguments.Count == 0 ? null : JsonWriter.Write(arguments),
            Subject = $"get the events of blob {uuid:D}",
            NotFound = SfErrors.BlobNotFound,
        };
        return session.ReadAsync(request, utf8 => Read(uuid, utf8), log, cancellationToken);
    }

    private static IReadOnlyList<SfBlobEvent> Read(Guid uuid, ReadOnlySpan<byte> utf8)
    {
        if (JsonTree.Parse(utf8) is not List<object?> rows)
        {
            throw new JsonException("The JSON value is not a list of events.");
        }

        return [.. rows.OfType<Dictionary<string, object?>>().Select(row => new SfBlobEvent
        {
            BlobUuid = uuid,
            Time = JsonValue.AsTime(row.GetValueOrDefault("timestamp")),
            Type = Word(row, "type"),
            Node = Word(row, "fqdn"),
            Message = Word(row, "message"),
            Duration = JsonValue.AsDouble(row.GetValueOrDefault("duration")) is double seconds and >= 0 and < 1e9 ? TimeSpan.FromSeconds(seconds) : null,
            Extra = row.GetValueOrDefault("extra"),
        })];
    }

    // Events are displayed in a terminal, so characters that could control it are removed.
    private static string? Word(Dictionary<string, object?> row, string name) =>
        JsonValue.AsText(row.GetValueOrDefault(name)) is { } text ? ServerText.Clean(text, int.MaxValue) : null;
}
