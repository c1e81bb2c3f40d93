using System.Text;
using System.Text.Json.Nodes;
using ShakenFist.Blobs.Emulator;

namespace ShakenFist.Blobs.Client.Tests;

public sealed class EventTests
{
    private static async Task<(SfSession Session, EmulatedBlob Blob)> StartAsync(Cluster cluster, params string[] events)
    {
        EmulatedBlob blob = new() { Events = [.. events.Select(e => JsonNode.Parse(e)!.AsObject())] };
        cluster.State.AddBlob(blob);
        return (await cluster.ConnectAsync(), blob);
    }

    [Fact]
    public async Task An_event_has_time_type_node_message_and_extra_data()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        (SfSession session, EmulatedBlob blob) = await StartAsync(
            cluster,
            """{"timestamp": 1795373770.25, "type": "audit", "fqdn": "sf-1", "message": "made", "duration": 1.5, "extra": {"a": [1]}}""",
            """{"timestamp": "1795373770", "message": "\u001b[31mred\nline", "duration": -1, "fqdn": 7}""",
            """{"timestamp": 1e300, "duration": 1e300, "type": ["x"]}""",
            "{}");
        IReadOnlyList<SfBlobEvent> events = await session.GetBlobEventsAsync(blob.Uuid, null, null, cluster.Log, Limit.Token);
        Assert.Equal(4, events.Count);
        Assert.All(events, e => Assert.Equal(blob.Uuid, e.BlobUuid));
        Assert.Equal(DateTime.UnixEpoch.AddSeconds(1795373770.25), events[0].Time!.Value.ToUniversalTime());
        Assert.Equal(DateTimeKind.Local, events[0].Time!.Value.Kind);
        Assert.Equal(("audit", "sf-1", "made", TimeSpan.FromSeconds(1.5)), (events[0].Type, events[0].Node, events[0].Message, events[0].Duration));
        Assert.Equal([1L], Assert.IsType<List<object?>>(Assert.IsType<Dictionary<string, object?>>(events[0].Extra)["a"]));
        Assert.Equal("\ufffd[31mred\ufffdline", events[1].Message);
        Assert.Equal("7", events[1].Node);
        Assert.Null(events[1].Duration);
        Assert.Equal((null, null, null), (events[2].Time, events[2].Duration, events[2].Type));
        Assert.Null(events[3].Message);
    }

    [Theory]
    [InlineData(null, null, "")]
    [InlineData("audit", null, """{"event_type":"audit"}""")]
    [InlineData(null, 5, """{"limit":5}""")]
    [InlineData("\"", 5, """{"event_type":"\"","limit":5}""")]
    public async Task Arguments_are_sent_in_the_body_and_without_arguments_there_is_no_body(string? type, int? limit, string body)
    {
        await using Cluster cluster = await Cluster.StartAsync();
        (SfSession session, EmulatedBlob blob) = await StartAsync(cluster);
        Assert.Empty(await session.GetBlobEventsAsync(blob.Uuid, type, limit, cluster.Log, Limit.Token));
        RequestRecord request = cluster.Emulator.Requests[^1];
        Assert.Equal(("GET", body), (request.Method, Encoding.UTF8.GetString(request.Body.Span)));
        Assert.Equal(body.Length > 0, request.Headers.ContainsKey("Content-Type"));
        Assert.Equal(body.Length > 0, request.Headers.ContainsKey("Content-Length"));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("\"x\"")]
    [InlineData("[{]")]
    public async Task A_response_that_is_not_a_list_of_events_is_rejected(string body)
    {
        await using Cluster cluster = await Cluster.StartAsync();
        (SfSession session, EmulatedBlob blob) = await StartAsync(cluster);
        cluster.Faults.Add(new Fault { Path = "*/events", Kind = FaultKind.Status, Status = 200, Body = body, ContentType = "application/json", Times = int.MaxValue });
        await SfAssert.ThrowsAsync(SfErrors.InvalidResponse, () => session.GetBlobEventsAsync(blob.Uuid, null, null, cluster.Log, Limit.Token));
    }

    [Fact]
    public async Task The_error_for_an_unknown_blob_contains_its_UUID()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        SfSession session = await cluster.ConnectAsync();
        Guid unknown = Guid.NewGuid();
        SfException e = await SfAssert.ThrowsAsync(SfErrors.BlobNotFound, () => session.GetBlobEventsAsync(unknown, null, null, cluster.Log, Limit.Token));
        Assert.Contains(unknown.ToString("D"), e.Message, StringComparison.Ordinal);
    }
}
