using System.Net;
using ShakenFist.Blobs.Emulator;

namespace ShakenFist.Blobs.Tests;

/// <summary>Tests the effect of each fault on the connection and the response.</summary>
public sealed class EmulatorFaultTests
{
    private const int Size = 300_000;

    [Fact]
    public async Task Status_responds_with_the_specified_status_and_body()
    {
        await using EmulatorHarness emulator = await EmulatorHarness.StartAsync();
        emulator.Server.Faults.Add(new Fault
        {
            Path = "/",
            Kind = FaultKind.Status,
            Status = 503,
            Body = "busy",
            ContentType = "text/plain",
            Headers = new() { ["Retry-After"] = "7" },
        });

        RawAnswer broken = await emulator.RawAsync("/");
        RawAnswer well = await emulator.RawAsync("/");

        Assert.Equal((503, "busy"), (broken.Status, broken.Text));
        Assert.Equal(("text/plain", "7"), (broken.Header("Content-Type"), broken.Header("Retry-After")));
        Assert.Equal(200, well.Status);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task CutBeforeHeaders_sends_nothing(bool reset)
    {
        RawAnswer answer = await DataAsync(new Fault { Kind = FaultKind.CutBeforeHeaders, Reset = reset });

        Assert.Equal((0, 0L, reset), (answer.Status, answer.TotalBytes, answer.IsReset));
    }

    [Theory]
    [InlineData(ServerGeneration.A, 0)]
    [InlineData(ServerGeneration.A, 200_001)]
    [InlineData(ServerGeneration.B, 0)]
    [InlineData(ServerGeneration.B, 200_001)]
    public async Task CutAfter_sends_exactly_the_specified_number_of_bytes(ServerGeneration generation, int bytes)
    {
        RawAnswer answer = await DataAsync(new Fault { Kind = FaultKind.CutAfter, AfterBytes = bytes }, generation);

        Assert.Equal((200, bytes, false), (answer.Status, answer.BodyLength, answer.IsComplete));
        Assert.False(answer.IsReset);
    }

    [Fact]
    public async Task A_cut_connection_discards_no_sent_bytes_of_a_slow_client()
    {
        await using EmulatorHarness emulator = await EmulatorHarness.StartAsync();
        EmulatedBlob blob = emulator.AddBlob(Size);
        emulator.Server.Faults.Add(new Fault { Path = "/blobs/*/data", Kind = FaultKind.CutAfter, AfterBytes = 150_000 });

        RawAnswer answer = await emulator.RawAsync(
            $"/blobs/{blob.Uuid}/data",
            beforeReading: () => Eventually.TrueAsync(() => emulator.Server.Requests is [{ Completed: true }]));

        Assert.Equal((150_000L, false), (answer.BodyLength, answer.IsComplete));
    }

    [Fact]
    public async Task CutAfter_can_reset_the_connection()
    {
        RawAnswer answer = await DataAsync(new Fault { Kind = FaultKind.CutAfter, AfterBytes = 1000, Reset = true });

        Assert.Equal((false, true), (answer.IsComplete, answer.IsReset));
        Assert.InRange(answer.BodyLength, 0, 1000);
    }

    [Theory]
    [InlineData(ServerGeneration.B)]
    [InlineData(ServerGeneration.C)]
    [InlineData(ServerGeneration.D)]
    public async Task EndShort_ends_cleanly_before_the_end(ServerGeneration generation)
    {
        RawAnswer answer = await DataAsync(new Fault { Kind = FaultKind.EndShort, AfterBytes = 777 }, generation);

        Assert.Equal((200, 777L, true), (answer.Status, answer.BodyLength, answer.IsComplete));
    }

    [Fact]
    public async Task Stall_sends_the_start_and_then_nothing()
    {
        long start = TimeProvider.System.GetTimestamp();

        RawAnswer answer = await DataAsync(new Fault { Kind = FaultKind.Stall, AfterBytes = 5000, Delay = TimeSpan.FromMilliseconds(150) });

        Assert.Equal((200, 5000L, false), (answer.Status, answer.BodyLength, answer.IsComplete));
        Assert.InRange(TimeProvider.System.GetElapsedTime(start).TotalMilliseconds, 145, 10_000);
    }

    [Fact]
    public async Task A_stall_without_a_delay_lasts_until_the_client_disconnects()
    {
        await using EmulatorHarness emulator = await EmulatorHarness.StartAsync();
        EmulatedBlob blob = emulator.AddBlob();
        emulator.Server.Faults.Add(new Fault { Path = "/blobs/*", Kind = FaultKind.Stall, AfterBytes = 10 });

        string token = await emulator.LoginAsync();
        HttpResponseMessage answer = await emulator.SendAsync(HttpMethod.Get, $"/blobs/{blob.Uuid}/data", token, headersOnly: true);
        RequestRecord record = emulator.Server.Requests[^1];
        Assert.False(record.Completed);
        answer.Dispose();

        await Eventually.TrueAsync(() => record.Completed);
    }

    [Fact]
    public async Task Slow_limits_the_rate()
    {
        long start = TimeProvider.System.GetTimestamp();

        RawAnswer answer = await DataAsync(new Fault { Kind = FaultKind.Slow, BytesPerSecond = 1_000_000 });

        Assert.True(answer.IsComplete);
        Assert.InRange(TimeProvider.System.GetElapsedTime(start).TotalSeconds, 0.25, 10);
    }

    [Fact]
    public async Task FlipBit_changes_one_byte_of_the_blob_for_the_request_that_covers_it()
    {
        await using EmulatorHarness emulator = await EmulatorHarness.StartAsync();
        EmulatedBlob blob = emulator.AddBlob(Size);
        emulator.Server.Faults.Add(new Fault { Path = "/blobs/*/data", Kind = FaultKind.FlipBit, AfterBytes = 5000 });

        byte[] before = await emulator.BytesAsync($"/blobs/{blob.Uuid}/data?offset=0&limit=5000");
        byte[] hit = await emulator.BytesAsync($"/blobs/{blob.Uuid}/data?offset=4990&limit=20");
        byte[] again = await emulator.BytesAsync($"/blobs/{blob.Uuid}/data?offset=4990&limit=20");

        byte[] right = EmulatorHarness.Content(blob, 4990, 20);
        Assert.Equal(EmulatorHarness.Content(blob, 0, 5000), before);
        Assert.Equal([10], Enumerable.Range(0, 20).Where(i => hit[i] != right[i]));
        Assert.Equal(right, again);
    }

    [Fact]
    public async Task Zeros_replace_the_rest_of_the_blob()
    {
        await using EmulatorHarness emulator = await EmulatorHarness.StartAsync();
        EmulatedBlob blob = emulator.AddBlob(Size);
        emulator.Server.Faults.Add(new Fault { Path = "/blobs/*/data", Kind = FaultKind.Zeros, AfterBytes = 100 });

        byte[] bytes = await emulator.BytesAsync($"/blobs/{blob.Uuid}/data?offset=90");

        Assert.Equal(EmulatorHarness.Content(blob, 90, 10), bytes[..10]);
        Assert.All(bytes[10..], b => Assert.Equal(0, b));
    }

    [Fact]
    public async Task WrongBody_is_another_nodes_error_as_data()
    {
        RawAnswer answer = await DataAsync(new Fault { Kind = FaultKind.WrongBody, Body = """{"error": "x", "status": 401}""" });

        Assert.Equal((200, "text/plain; charset=utf-8"), (answer.Status, answer.Header("Content-Type")));
        Assert.Equal("""{"error": "x", "status": 401}""", answer.Text);
    }

    [Fact]
    public async Task Redirect_responds_with_the_specified_location()
    {
        RawAnswer answer = await DataAsync(new Fault { Kind = FaultKind.Redirect, Status = 301, Location = "https://elsewhere.example/" });

        Assert.Equal((301, "https://elsewhere.example/"), (answer.Status, answer.Header("Location")));
    }

    [Fact]
    public async Task ExpireToken_rejects_the_token_once()
    {
        RawAnswer answer = await DataAsync(new Fault { Kind = FaultKind.ExpireToken });

        Assert.Equal((401, """{"error": "Signature has expired", "status": 401}"""), (answer.Status, answer.Text));
    }

    [Theory]
    [InlineData(FaultKind.IgnoreLimit, 100, Size - 100)]
    [InlineData(FaultKind.IgnoreRange, 0, Size)]
    [InlineData(FaultKind.WrongOffset, 150, 40)]
    public async Task The_range_differs_from_the_requested_range(FaultKind kind, int start, int length)
    {
        await using EmulatorHarness emulator = await EmulatorHarness.StartAsync();
        EmulatedBlob blob = emulator.AddBlob(Size);
        emulator.Server.Faults.Add(new Fault { Path = "/blobs/*/data", Kind = kind, AfterBytes = kind == FaultKind.WrongOffset ? 50 : 0 });

        byte[] bytes = await emulator.BytesAsync($"/blobs/{blob.Uuid}/data?offset=100&limit=40");

        Assert.Equal(EmulatorHarness.Content(blob, start, length), bytes);
    }

    [Theory]
    [InlineData(ServerGeneration.B)]
    [InlineData(ServerGeneration.C)]
    [InlineData(ServerGeneration.D)]
    public async Task ExtraBytes_are_appended_to_the_body(ServerGeneration generation)
    {
        RawAnswer answer = await DataAsync(new Fault { Kind = FaultKind.ExtraBytes, AfterBytes = 3 }, generation);

        Assert.Equal((Size + 3L, true), (answer.BodyLength, answer.IsComplete));
    }

    [Theory]
    [InlineData(Size + 5, Size, false)]
    [InlineData(10, 10, true)]
    public async Task LyingLength_announces_a_wrong_length(int announced, int sent, bool complete)
    {
        RawAnswer answer = await DataAsync(new Fault { Kind = FaultKind.LyingLength, AfterBytes = announced });

        Assert.Equal(announced.ToString(provider: null), answer.Header("Content-Length"));
        Assert.Equal((sent, complete), ((int)answer.BodyLength, answer.IsComplete));
    }

    [Fact]
    public async Task ContentEncoding_compresses_without_being_requested()
    {
        RawAnswer answer = await DataAsync(new Fault { Kind = FaultKind.ContentEncoding });

        Assert.Equal("gzip", answer.Header("Content-Encoding"));
        Assert.Equal([0x1f, 0x8b], answer.Body[..2]);
    }

    [Fact]
    public async Task Delay_waits_before_the_response()
    {
        long start = TimeProvider.System.GetTimestamp();

        RawAnswer answer = await DataAsync(new Fault { Kind = FaultKind.Delay, Delay = TimeSpan.FromMilliseconds(120) });

        Assert.Equal(Size, answer.BodyLength);
        Assert.InRange(TimeProvider.System.GetElapsedTime(start).TotalMilliseconds, 115, 10_000);
    }

    [Theory]
    [InlineData(FaultKind.TruncateJson)]
    [InlineData(FaultKind.NullJson)]
    public async Task TruncateJson_and_NullJson_damage_a_record(FaultKind kind)
    {
        await using EmulatorHarness emulator = await EmulatorHarness.StartAsync();
        EmulatedBlob blob = emulator.AddBlob();
        emulator.Server.Faults.Add(new Fault { Path = "/blobs/*", Kind = kind });

        RawAnswer answer = await emulator.RawAsync($"/blobs/{blob.Uuid}");

        Assert.Equal(200, answer.Status);
        Assert.True(answer.IsComplete);
        Assert.True(kind == FaultKind.NullJson ? answer.Text == "null\n" : answer.Text.StartsWith('{') && !answer.Text.EndsWith('}'));
    }

    [Fact]
    public async Task A_fault_skips_requests_and_then_applies_the_specified_number_of_times()
    {
        await using EmulatorHarness emulator = await EmulatorHarness.StartAsync();
        emulator.Server.Faults.Add(new Fault { Path = "/", Kind = FaultKind.Status, Status = 500, Skip = 1, Times = 2 });

        List<int> statuses = [];
        for (int i = 0; i < 5; i++)
        {
            statuses.Add((await emulator.RawAsync("/")).Status);
        }

        Assert.Equal([200, 500, 500, 200, 200], statuses);
        Assert.Empty(emulator.Server.Faults.Pending);
    }

    [Fact]
    public async Task A_fault_applies_only_to_matching_requests()
    {
        await using EmulatorHarness emulator = await EmulatorHarness.StartAsync();
        EmulatedBlob blob = emulator.AddBlob();
        emulator.Server.Faults.Add(new Fault { Method = "POST", Path = "/auth", Kind = FaultKind.Status, Status = 502 });
        emulator.Server.Faults.Add(new Fault
        {
            Path = "/blobs/*/data",
            When = r => r.Query == "offset=5",
            Times = int.MaxValue,
            Kind = FaultKind.Status,
            Status = 504,
        });

        Assert.Equal(HttpStatusCode.BadGateway, (await emulator.LoginRawAsync("banana", "banana-key")).StatusCode);
        Assert.Equal(200, (await emulator.RawAsync($"/blobs/{blob.Uuid}")).Status);
        Assert.Equal(200, (await emulator.RawAsync($"/blobs/{blob.Uuid}/data?offset=6")).Status);
        Assert.Equal(504, (await emulator.RawAsync($"/blobs/{blob.Uuid}/data?offset=5")).Status);
        Assert.Equal(504, (await emulator.RawAsync($"/blobs/{blob.Uuid}/data?offset=5")).Status);
    }

    private static async Task<RawAnswer> DataAsync(Fault fault, ServerGeneration generation = ServerGeneration.C)
    {
        await using EmulatorHarness emulator = await EmulatorHarness.StartAsync(generation);
        EmulatedBlob blob = emulator.AddBlob(Size);
        emulator.Server.Faults.Add(fault with { Path = "/blobs/*/data" });
        return await emulator.RawAsync($"/blobs/{blob.Uuid}/data");
    }
}
