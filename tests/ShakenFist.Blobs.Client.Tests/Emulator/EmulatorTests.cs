using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using ShakenFist.Blobs.Emulator;

namespace ShakenFist.Blobs.Tests;

public sealed class EmulatorTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_list_of_100_000_blobs_uses_little_memory()
    {
        await using EmulatorHarness emulator = await EmulatorHarness.StartAsync();
        for (int i = 0; i < 100_000; i++)
        {
            emulator.State.AddBlob(new EmulatedBlob { Size = i, Metadata = new JsonObject { ["n"] = i + 1 } });
        }

        string token = await emulator.LoginAsync("system");
        var watch = Stopwatch.StartNew();
        HttpResponseMessage answer = await emulator.SendAsync(HttpMethod.Get, "/blobs", token);
        TimeSpan took = watch.Elapsed;

        JsonNode? list = JsonNode.Parse(await answer.Content.ReadAsStreamAsync(Ct));
        Assert.Equal(100_000, list!.AsArray().Count);
        Assert.InRange(took.TotalSeconds, 0, 10);
    }

    [Fact]
    public async Task A_blob_of_8_TiB_can_be_read_anywhere()
    {
        await using EmulatorHarness emulator = await EmulatorHarness.StartAsync();
        EmulatedBlob blob = emulator.State.AddBlob(EmulatedBlob.Generated(8L << 40, seed: 1));

        byte[] bytes = await emulator.BytesAsync($"/blobs/{blob.Uuid}/data?offset={(8L << 40) - 10}&limit=100");
        JsonNode? record = await emulator.JsonAsync($"/blobs/{blob.Uuid}");

        Assert.Equal(EmulatorHarness.Content(blob, (8L << 40) - 10, 10), bytes);
        Assert.Equal(8L << 40, (long?)record!["size"]);
        Assert.Null(record["sha512"]);
    }

    [Fact]
    public void Generated_content_is_the_same_however_it_is_read_and_no_page_repeats()
    {
        var content = new GeneratedContent(1_000_003, seed: 7);
        byte[] whole = new byte[content.Length];
        content.Read(0, whole);
        byte[] pieces = new byte[content.Length];
        var random = new Random(3);
        for (int offset = 0; offset < pieces.Length;)
        {
            int count = Math.Min(random.Next(1, 9000), pieces.Length - offset);
            content.Read(offset, pieces.AsSpan(offset, count));
            offset += count;
        }

        Assert.Equal(whole, pieces);
        Assert.Equal(244, whole.Chunk(4096).Take(244).Select(page => Convert.ToHexString(SHA256.HashData(page))).Distinct().Count());
    }

    [Fact]
    public async Task A_request_is_cut_off_at_its_time_limit()
    {
        await using EmulatorHarness emulator = await EmulatorHarness.StartAsync(
            new EmulatorOptions { RequestBudget = TimeSpan.FromSeconds(1), BytesPerSecond = 100_000 });
        EmulatedBlob blob = emulator.AddBlob(1_000_000);

        RawAnswer answer = await emulator.RawAsync($"/blobs/{blob.Uuid}/data");

        Assert.Equal(200, answer.Status);
        Assert.False(answer.IsComplete);
        Assert.InRange(answer.BodyLength, 1, 999_999);
    }

    [Fact]
    public async Task A_field_of_a_record_can_be_anything()
    {
        await using EmulatorHarness emulator = await EmulatorHarness.StartAsync();
        EmulatedBlob blob = emulator.AddBlob();
        blob.Extra["size"] = "12";
        blob.Extra["new"] = new JsonArray(1, 2.5);
        blob.ExtraRaw["last_used"] = "NaN";

        string text = (await emulator.RawAsync($"/blobs/{blob.Uuid}")).Text;

        Assert.Contains("\"size\": \"12\", ", text, StringComparison.Ordinal);
        Assert.Contains("\"last_used\": NaN, ", text, StringComparison.Ordinal);
        Assert.Contains("\"new\": [1, 2.5]}", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_control_path_adds_blobs_and_faults_and_shows_requests()
    {
        await using EmulatorHarness emulator = await EmulatorHarness.StartAsync();
        string uuid = "11111111-2222-4333-8444-555555555555";
        HttpResponseMessage added = await emulator.SendAsync(
            HttpMethod.Post, "/emulator/blobs", null, new { uuid, content = Encoding.UTF8.GetBytes("hello"), metadata = new { a = 1 } });
        HttpResponseMessage broken = await emulator.SendAsync(
            HttpMethod.Post, "/emulator/faults", null, new { path = "/blobs/*/data", kind = "EndShort", afterBytes = 2 });

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (added.StatusCode, broken.StatusCode));
        Assert.Equal("he", await emulator.TextAsync($"/blobs/{uuid}/data"));
        Assert.Equal("hello", await emulator.TextAsync($"/blobs/{uuid}/data"));
        HttpResponseMessage log = await emulator.SendAsync(HttpMethod.Get, "/emulator/requests", null);
        JsonNode? requests = JsonNode.Parse(await log.Content.ReadAsStringAsync(Ct));
        string data = $"/blobs/{uuid}/data";
        Assert.Equal(["/auth", data, "/auth", data], requests!.AsArray().Select(r => (string?)r!["path"]));
        Assert.Equal([200, 200, 200, 200], requests.AsArray().Select(r => (int)r!["status"]!));
    }

    [Fact]
    public async Task The_control_path_reports_invalid_input()
    {
        await using EmulatorHarness emulator = await EmulatorHarness.StartAsync();

        HttpResponseMessage answer = await emulator.SendAsync(HttpMethod.Post, "/emulator/faults", null, new { kind = "NoSuchKind" });

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("kind", await answer.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_control_path_expires_tokens_and_clears()
    {
        await using EmulatorHarness emulator = await EmulatorHarness.StartAsync();
        string token = await emulator.LoginAsync();
        emulator.Server.Faults.Add(new Fault { Kind = FaultKind.NullJson, Times = int.MaxValue });

        await emulator.SendAsync(HttpMethod.Delete, "/emulator/faults", null);
        await emulator.SendAsync(HttpMethod.Delete, "/emulator/requests", null);
        await emulator.SendAsync(HttpMethod.Post, "/emulator/expire-tokens", null);

        Assert.Empty(emulator.Server.Requests);
        Assert.Equal(HttpStatusCode.Unauthorized, (await emulator.SendAsync(HttpMethod.Get, "/blobs", token)).StatusCode);
    }

    [Fact]
    public async Task Connections_are_kept_open_only_if_the_option_is_set()
    {
        await using EmulatorHarness closing = await EmulatorHarness.StartAsync();
        await using EmulatorHarness keeping = await EmulatorHarness.StartAsync(new EmulatorOptions { KeepAlive = true });

        Assert.True((await closing.RawAsync("/")).IsClosed);
        Assert.False((await keeping.RawAsync("/")).IsClosed);
    }

    [Fact]
    public async Task With_a_certificate_it_serves_https()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        await using EmulatorHarness emulator = await EmulatorHarness.StartAsync(new EmulatorOptions { Certificate = certificate });

        Assert.Equal("https", emulator.Server.Url.Scheme);
        Assert.NotEmpty(await emulator.LoginAsync());
    }

    [Fact]
    public async Task Files_of_a_directory_become_blobs_with_stable_UUIDs()
    {
        string directory = Directory.CreateTempSubdirectory("sf-emulator").FullName;
        try
        {
            File.WriteAllText(Path.Combine(directory, "notes.txt"), "hello");
            File.WriteAllText(Path.Combine(directory, "0b1c2d3e-0000-4000-8000-000000000001.raw"), "raw");
            await using EmulatorHarness first = await EmulatorHarness.StartAsync(new EmulatorOptions { DataDirectory = directory });
            await using EmulatorHarness second = await EmulatorHarness.StartAsync(new EmulatorOptions { DataDirectory = directory });

            Assert.Equal(first.State.Blobs.Select(b => b.Uuid), second.State.Blobs.Select(b => b.Uuid));
            Assert.Contains(Guid.Parse("0b1c2d3e-0000-4000-8000-000000000001"), first.State.Blobs.Select(b => b.Uuid));
            EmulatedBlob notes = first.State.Blobs.Single(b => (string?)b.Metadata["name"] == "notes.txt");
            Assert.Equal("hello", await first.TextAsync($"/blobs/{notes.Uuid}/data"));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Fact]
    public async Task The_demo_cluster_has_images_that_depend_on_each_other()
    {
        await using EmulatorHarness emulator = await EmulatorHarness.StartAsync();
        var state = new EmulatorState();
        DemoCluster.AddTo(state);
        foreach (EmulatedBlob blob in state.Blobs)
        {
            emulator.State.AddBlob(blob);
        }

        JsonNode? thin = await emulator.JsonAsync($"/blobs/{DemoCluster.ThinImage}", "system");
        JsonNode? lower = await emulator.JsonAsync($"/blobs/{DemoCluster.BaseImage}", "system");

        Assert.Equal("qcow2", (string?)thin!["file format"]);
        Assert.Equal(DemoCluster.BaseImage.ToString(), (string?)thin["depends_on"]);
        JsonNode from = thin["references_from"]!["depends_on"]![0]!;
        JsonNode to = lower!["references_to"]!["depends_on"]![0]!;
        Assert.True(JsonNode.DeepEquals(from, to));
        Assert.StartsWith(DemoCluster.BaseImage.ToString(), (string?)thin["backing file"], StringComparison.Ordinal);
    }
}
