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
}
