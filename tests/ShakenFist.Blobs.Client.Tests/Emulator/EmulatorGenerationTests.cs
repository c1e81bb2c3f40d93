using System.Net;
using System.Text.Json.Nodes;
using ShakenFist.Blobs.Emulator;

namespace ShakenFist.Blobs.Tests;

public sealed class EmulatorGenerationTests
{
    [Theory]
    [InlineData(ServerGeneration.A, "blob-search-by-hash", "blob-data-limit")]
    [InlineData(ServerGeneration.B, "blob-hash-xxh128", "blob-events")]
    [InlineData(ServerGeneration.C, "blob-single-checksum", "blob-no-such")]
    [InlineData(ServerGeneration.D, "blob-single-checksum", "blob-no-such")]
    public async Task The_root_page_lists_the_capabilities_of_the_generation(ServerGeneration generation, string present, string absent)
    {
        await using EmulatorHarness emulator = await EmulatorHarness.StartAsync(generation);

        RawAnswer answer = await emulator.RawAsync("/", withToken: false);

        Assert.Contains(present, answer.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(absent, answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_very_old_root_page_is_a_line_of_text()
    {
        await using EmulatorHarness emulator = await EmulatorHarness.StartAsync(new EmulatorOptions { TextOnlyRoot = true });

        RawAnswer answer = await emulator.RawAsync("/", withToken: false);

        Assert.Equal(("text/plain", "Shaken Fist REST API service"), (answer.Header("Content-Type"), answer.Text));
    }

    [Theory]
    [InlineData(ServerGeneration.A, true, 9_900)]
    [InlineData(ServerGeneration.B, false, 50)]
    [InlineData(ServerGeneration.C, true, 50)]
    [InlineData(ServerGeneration.D, true, 50)]
    public async Task Data_has_the_framing_and_limits_of_the_generation(ServerGeneration generation, bool chunked, int length)
    {
        await using EmulatorHarness emulator = await EmulatorHarness.StartAsync(generation);
        EmulatedBlob blob = emulator.AddBlob();

        RawAnswer answer = await emulator.RawAsync($"/blobs/{blob.Uuid}/data?offset=100&limit=50");

        Assert.Equal(chunked ? "chunked" : null, answer.Header("Transfer-Encoding"));
        Assert.Equal(chunked ? null : "50", answer.Header("Content-Length"));
        Assert.True(answer.IsComplete);
        Assert.Equal(EmulatorHarness.Content(blob, 100, length), answer.Body);
    }

    [Theory]
    [InlineData(ServerGeneration.A, "offset=-1", 0)]
    [InlineData(ServerGeneration.A, "limit=nonsense", 200)]
    [InlineData(ServerGeneration.B, "offset=-1", 500)]
    [InlineData(ServerGeneration.B, "limit=nonsense", 500)]
    [InlineData(ServerGeneration.C, "offset=-1", 400)]
    [InlineData(ServerGeneration.C, "limit=-1", 400)]
    [InlineData(ServerGeneration.D, "offset=-1", 400)]
    [InlineData(ServerGeneration.D, "limit=-1", 400)]
    [InlineData(ServerGeneration.D, "limit=nonsense", 400)]
    [InlineData(ServerGeneration.D, "offset=1.0", 400)]
    public async Task The_response_to_an_invalid_range_is_that_of_the_generation(ServerGeneration generation, string query, int status)
    {
        await using EmulatorHarness emulator = await EmulatorHarness.StartAsync(generation);
        EmulatedBlob blob = emulator.AddBlob();

        RawAnswer answer = await emulator.RawAsync($"/blobs/{blob.Uuid}/data?{query}");

        Assert.Equal(status, answer.Status);
    }

    [Theory]
    [InlineData(ServerGeneration.A, HttpStatusCode.Unauthorized)]
    [InlineData(ServerGeneration.B, HttpStatusCode.Redirect)]
    [InlineData(ServerGeneration.C, HttpStatusCode.Redirect)]
    [InlineData(ServerGeneration.D, HttpStatusCode.Redirect)]
    public async Task A_garbage_token_without_accept_is_redirected_from_B_on(ServerGeneration generation, HttpStatusCode status)
    {
        await using EmulatorHarness emulator = await EmulatorHarness.StartAsync(generation);

        HttpResponseMessage answer = await emulator.SendAsync(HttpMethod.Get, "/blobs", "garbage", accept: null);

        Assert.Equal(status, answer.StatusCode);
    }

    [Theory]
    [InlineData(ServerGeneration.A, "sha512", true)]
    [InlineData(ServerGeneration.B, "sha512", true)]
    [InlineData(ServerGeneration.B, "sha256", false)]
    [InlineData(ServerGeneration.C, "sha1", true)]
    [InlineData(ServerGeneration.C, "sha256", true)]
    [InlineData(ServerGeneration.C, "sha512", true)]
    [InlineData(ServerGeneration.C, "xxh128", true)]
    [InlineData(ServerGeneration.D, "sha256", true)]
    [InlineData(ServerGeneration.D, "xxh128", true)]
    public async Task A_checksum_search_uses_the_algorithms_of_the_generation(ServerGeneration generation, string algorithm, bool found)
    {
        await using EmulatorHarness emulator = await EmulatorHarness.StartAsync(generation);
        EmulatedBlob blob = emulator.AddBlob();
        string? sum = algorithm switch { "sha1" => blob.Sha1, "sha256" => blob.Sha256, "sha512" => blob.Sha512, _ => blob.Xxh128 };

        JsonNode? answer = await emulator.JsonAsync($"/blob_checksums/{algorithm}/{sum}");

        Assert.Equal(found ? blob.Uuid.ToString() : null, (string?)answer?["uuid"]);
    }

    [Fact]
    public async Task Generation_A_has_no_route_for_other_algorithms()
    {
        await using EmulatorHarness emulator = await EmulatorHarness.StartAsync(ServerGeneration.A);

        HttpResponseMessage answer = await emulator.GetAsync("/blob_checksums/sha256/abc");

        Assert.Equal((HttpStatusCode.NotFound, "text/html"), (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
    }

    [Fact]
    public async Task Generation_C_shows_locations_and_references_only_to_the_system_namespace()
    {
        await using EmulatorHarness emulator = await EmulatorHarness.StartAsync(ServerGeneration.C);
        EmulatedBlob blob = emulator.AddBlob();
        blob.ReferencesTo.Add(new EmulatedReference("instance", "vm", "disk", "0", "blob", blob.Uuid.ToString()));

        JsonNode? ordinary = await emulator.JsonAsync($"/blobs/{blob.Uuid}");
        JsonNode? system = await emulator.JsonAsync($"/blobs/{blob.Uuid}", "system");

        Assert.Null(ordinary!["locations"]);
        Assert.Empty(ordinary["references_to"]!.AsObject());
        Assert.Equal("sf-1", (string?)system!["locations"]![0]);
        Assert.Equal("vm", (string?)system["references_to"]!["disk"]![0]!["source_uuid"]);
        Assert.Equal(blob.Xxh128, (string?)system["checksums"]!["xxh128"]);
    }

    [Theory]
    [InlineData(ServerGeneration.B, 2)]
    [InlineData(ServerGeneration.C, 1)]
    [InlineData(ServerGeneration.D, 1)]
    public async Task The_node_filter_of_the_list_works_from_C_on(ServerGeneration generation, int count)
    {
        await using EmulatorHarness emulator = await EmulatorHarness.StartAsync(generation);
        emulator.AddBlob();
        emulator.AddBlob(20_000).Locations = ["sf-2"];

        string token = await emulator.LoginAsync("system");
        HttpResponseMessage answer = await emulator.SendAsync(HttpMethod.Get, "/blobs", token, new { node = "sf-2" });
        JsonNode? list = JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));

        Assert.Equal(count, list!.AsArray().Count);
    }

    [Fact]
    public async Task Generation_C_serves_single_checksums_events_and_health()
    {
        await using EmulatorHarness emulator = await EmulatorHarness.StartAsync(ServerGeneration.C);
        EmulatedBlob blob = emulator.AddBlob();
        blob.Events.Add(new JsonObject { ["message"] = "blob created" });

        Assert.Equal(blob.Sha1, (string?)await emulator.JsonAsync($"/blobs/{blob.Uuid}/checksum/sha1"));
        Assert.Equal("blob created", (string?)(await emulator.JsonAsync($"/blobs/{blob.Uuid}/events"))![0]!["message"]);
        Assert.Equal(200, (await emulator.RawAsync("/healthz", withToken: false)).Status);
    }

    [Theory]
    [InlineData("POST", "/metadata", """{"key": "k", "value": 1, "x": 2}""", "x: not declared by this endpoint")]
    [InlineData("POST", "/metadata", """{"key": "k", "value": null}""", "value: declared required but not supplied")]
    [InlineData("POST", "/metadata", """{"value": 1}""", "key: declared required but not supplied")]
    [InlineData("POST", "/metadata", "", "key: declared required but not supplied")]
    [InlineData("POST", "/metadata", """{"key": 1, "value": 1}""", "key: Not a valid string.")]
    [InlineData("POST", "/metadata", """{"key": "k", "value": 1, "blob_from_db": 2}""", "blob_from_db: not declared by this endpoint")]
    [InlineData("PUT", "/metadata/k", """{"key": "a/b", "value": 1}""", "key: a body key of this name overwrote the URL path parameter")]
    [InlineData("PUT", "/metadata/k", "[1]", "the request body must be a JSON object")]
    [InlineData("PUT", "/metadata/k", "7", "the request body must be a JSON object")]
    [InlineData("DELETE", "/metadata/k", """{"key": "a/b"}""", "key: a body key of this name overwrote the URL path parameter")]
    [InlineData("GET", "", """{"blob_uuid": "x"}""", "blob_uuid: a body key of this name overwrote the URL path parameter")]
    [InlineData("GET", "/events", """{"limit": 0}""", "limit: Must be greater than or equal to 1 and less than or equal to 1000.")]
    [InlineData("GET", "/events", """{"limit": 1001}""", "limit: Must be greater than or equal to 1 and less than or equal to 1000.")]
    [InlineData("GET", "/events", """{"limit": "5"}""", "limit: Not a valid integer.")]
    [InlineData("GET", "/events", """{"event_type": 5}""", "event_type: Not a valid string.")]
    public async Task Generation_D_validates_the_body_before_it_looks_up_the_blob(string method, string path, string body, string error)
    {
        await using EmulatorHarness emulator = await EmulatorHarness.StartAsync(ServerGeneration.D);
        string token = await emulator.LoginAsync();
        using var http = new HttpClient { BaseAddress = emulator.Server.Url };
        foreach (string uuid in new[] { emulator.AddBlob().Uuid.ToString(), Guid.NewGuid().ToString(), "x" })
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), $"blobs/{uuid}{path}") { Content = new StringContent(body) };
            request.Headers.Add("Authorization", "Bearer " + token);

            HttpResponseMessage answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
            JsonNode? text = JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));

            Assert.Equal((HttpStatusCode.BadRequest, error), (answer.StatusCode, (string?)text!["error"]));
        }
    }

    [Fact]
    public async Task Generation_D_limits_events_hides_exceptions_and_looks_up_one_blob_for_a_checksum()
    {
        await using EmulatorHarness emulator = await EmulatorHarness.StartAsync(new EmulatorOptions { Generation = ServerGeneration.D, LockTimeout = TimeSpan.Zero });
        EmulatedBlob blob = emulator.AddBlob();
        for (int i = 0; i < 101; i++)
        {
            blob.Events.Add(new JsonObject { ["message"] = "event " + i });
        }

        string token = await emulator.LoginAsync();
        HttpResponseMessage two = await emulator.SendAsync(HttpMethod.Get, $"/blobs/{blob.Uuid}/events", token, new { limit = 2 });
        Assert.Equal(2, JsonNode.Parse(await two.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!.AsArray().Count);
        Assert.Equal(100, (await emulator.JsonAsync($"/blobs/{blob.Uuid}/events"))!.AsArray().Count);

        using (emulator.State.HoldMetadataLock(blob.Uuid))
        {
            HttpResponseMessage locked = await emulator.SendAsync(HttpMethod.Delete, $"/blobs/{blob.Uuid}/metadata/k", token);
            Assert.Equal("{\"error\": \"server error\", \"status\": 500}", (await locked.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).Trim());
        }

        EmulatedBlob copy = EmulatedBlob.FromBytes(EmulatorHarness.Content(blob, 0, (int)blob.Size));
        emulator.State.AddBlob(copy);
        Assert.Equal(blob.Uuid.ToString(), (string?)(await emulator.JsonAsync($"/blob_checksums/sha512/{blob.Sha512}"))!["uuid"]);
        blob.State = "error";
        Assert.Null(await emulator.JsonAsync($"/blob_checksums/sha512/{blob.Sha512}"));
    }
}
