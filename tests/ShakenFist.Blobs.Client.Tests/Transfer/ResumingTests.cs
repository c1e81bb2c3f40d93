using Microsoft.Extensions.Time.Testing;
using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Client.Tests;

public sealed class ResumingTests
{
    private const int Size = 300_000;

    public static TheoryData<ServerGeneration, bool> Cuts => new()
    {
        { ServerGeneration.A, false }, { ServerGeneration.A, true },
        { ServerGeneration.B, false }, { ServerGeneration.B, true },
        { ServerGeneration.C, false }, { ServerGeneration.D, false }, { ServerGeneration.C, true }, { ServerGeneration.D, true },
    };

    private static bool IsNoProof(RequestRecord request) => !request.Query.EndsWith("&limit=8192", StringComparison.Ordinal);

    [Theory]
    [MemberData(nameof(Cuts))]
    public async Task An_interrupted_response_continues_at_the_last_received_byte(ServerGeneration generation, bool publish)
    {
        await using Download download = await Download.StartAsync(Size, generation, publish);
        download.With(new Fault { Kind = FaultKind.CutAfter, AfterBytes = 100_000 }).With(new Fault { Kind = FaultKind.CutAfter, AfterBytes = 150_000, When = IsNoProof });
        SfBlobSaveResult transfer = await download.SavesAsync();

        // Without a hash, the end of each truncated response is requested again.
        int proofs = publish ? 0 : 2;
        Assert.Equal((Size + (8192 * proofs), 3 + proofs, 2), (transfer.BytesReceived, transfer.RequestCount, transfer.ResumeCount));
        Assert.Equal(2, transfer.FailedRequestIds.Length);
        Assert.Equal([0, 100_000, 250_000], download.Cluster.Emulator.Requests
            .Where(r => r.Path.EndsWith("/data", StringComparison.Ordinal) && !r.Query.EndsWith("&limit=8192", StringComparison.Ordinal)).Select(r => int.Parse(r.Query.Split('&')[0]["offset=".Length..], null)));
    }

    [Theory]
    [InlineData(ServerGeneration.A)]
    [InlineData(ServerGeneration.B)]
    [InlineData(ServerGeneration.C)]
    [InlineData(ServerGeneration.D)]
    public async Task A_transfer_that_repeatedly_receives_nothing_ends_and_reports_what_was_received(ServerGeneration generation)
    {
        await using Download download = await Download.StartAsync(Size, generation);
        download.With(new Fault { Kind = FaultKind.CutAfter, AfterBytes = 100_000 }).With(new Fault { Kind = FaultKind.CutAfter, AfterBytes = 0, Times = int.MaxValue });
        SfException e = await download.FailsOverOldFileAsync(SfErrors.TransferInterrupted);
        Assert.Contains(ErrorText.Received(100_000, Size), e.Message, StringComparison.Ordinal);
        Assert.InRange(download.Cluster.DataRequests, 7, 20);
    }

    [Fact]
    public async Task A_transfer_that_receives_data_each_time_does_not_end()
    {
        await using Download download = await Download.StartAsync(2_000_000);
        download.With(new Fault { Kind = FaultKind.CutAfter, AfterBytes = 100_000, Times = 18 });
        Assert.Equal(18, (await download.SavesAsync()).ResumeCount);
    }

    [Fact]
    public async Task If_the_end_of_the_body_was_not_received_the_last_byte_is_requested_again()
    {
        await using Download download = await Download.StartAsync(Size, publish: false);
        download.With(new Fault { Kind = FaultKind.CutAfter, AfterBytes = Size });
        SfBlobSaveResult transfer = await download.SavesAsync();
        Assert.Equal((Size + 1 + 8192, 3), (transfer.BytesReceived, transfer.RequestCount));
    }

    [Fact]
    public async Task A_token_that_expires_in_the_middle_is_renewed_once()
    {
        await using Download download = await Download.StartAsync(Size);
        download.With(new Fault { Kind = FaultKind.CutAfter, AfterBytes = 100_000 }).With(new Fault { Kind = FaultKind.ExpireToken });
        Assert.Equal(Size, (await download.SavesAsync()).BytesReceived);
        Assert.Equal(2, download.Cluster.Count("POST", "/auth"));
    }

    [Fact]
    public async Task A_redirect_to_the_root_in_the_middle_renews_the_token_and_its_page_is_never_data()
    {
        await using Download download = await Download.StartAsync(Size, publish: false);
        download.With(new Fault { Kind = FaultKind.CutAfter, AfterBytes = 100_000 }).With(new Fault { Kind = FaultKind.Redirect, Location = "/", When = IsNoProof });
        Assert.Equal(Size + 8192, (await download.SavesAsync()).BytesReceived);
        Assert.Equal(2, download.Cluster.Count("POST", "/auth"));
    }

    [Fact]
    public async Task Data_that_is_missing_in_the_middle_is_retried()
    {
        await using Download download = await Download.StartAsync(Size);
        const string Missing = """{"error": "blob missing", "status": 404}""";
        download.With(new Fault { Kind = FaultKind.CutAfter, AfterBytes = 100_000 }).With(new Fault { Kind = FaultKind.Status, Status = 404, Body = Missing, Times = 3 });
        Assert.Equal(5, (await download.SavesAsync()).RequestCount);
    }

    [Fact]
    public async Task Data_that_is_missing_from_the_start_is_an_immediate_error()
    {
        await using Download download = await Download.StartAsync(Size);
        download.Blob.Content = null;
        download.Blob.Size = Size;
        download.Blob.Locations = [];
        download.Blob.Sha512 = download.Sha512;
        await download.FailsAsync(SfErrors.BlobDataMissing);
        Assert.Equal(1, download.Cluster.DataRequests);
    }

    [Fact]
    public async Task An_error_during_the_transfer_reports_how_many_bytes_were_received()
    {
        await using Download download = await Download.StartAsync(Size);
        download.Options = Cluster.Quick with { RequestBytes = 100_000 };
        download.With(new Fault { Kind = FaultKind.Status, Status = 500, Body = """{"error": "etcd is away"}""", Skip = 1, Times = int.MaxValue });
        SfException e = await download.FailsOverOldFileAsync(SfErrors.TransferInterrupted);
        Assert.Contains(ErrorText.Received(100_000, Size), e.Message, StringComparison.Ordinal);
        Assert.Contains("etcd is away", e.Message, StringComparison.Ordinal);
        Assert.Equal(500, e.StatusCode);
        Assert.NotNull(e.RequestId);
    }

    [Fact]
    public async Task A_stalled_response_is_abandoned_and_the_transfer_continues()
    {
        await using Download download = await Download.StartAsync(Size);
        download.Options = Cluster.Quick with { IdleTimeout = TimeSpan.FromMilliseconds(100) };
        download.With(new Fault { Kind = FaultKind.Stall, AfterBytes = 100_000 });
        Assert.Equal(1, (await download.SavesAsync()).ResumeCount);
        Assert.Contains(download.Cluster.Log.Verboses, line => line.Contains("sent no data for 0.1 s", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_server_that_stays_silent_ends_the_transfer()
    {
        await using Download download = await Download.StartAsync(Size);
        download.Options = Cluster.Quick with { IdleTimeout = TimeSpan.FromMilliseconds(30) };
        download.With(new Fault { Kind = FaultKind.Stall, Times = int.MaxValue });
        Assert.Contains(ErrorText.Received(0, Size), (await download.FailsOverOldFileAsync(SfErrors.TransferInterrupted)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_response_that_exceeds_the_time_limit_is_cancelled_and_resumed()
    {
        FakeTimeProvider time = new(DateTimeOffset.UtcNow);
        TaskCompletionSource half = new();
        byte[] content = Download.Random(200_000);
        await using RawServer server = RawServer.StartCluster(async x =>
        {
            if (x.Query("offset") > 0)
            {
                await x.SendChunkedAsync(content.AsMemory((int)x.Query("offset")), properEnd: true);
                return;
            }

            await x.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n");
            await x.WriteAsync(content.AsMemory(0, 150_000));
            half.SetResult();
            await x.HangAsync();
        });
        using TempFolder folder = new();
        RecordingLog log = new();
        SfTransportOptions options = Cluster.Quick with { TimeProvider = time, IdleTimeout = TimeSpan.FromDays(1), AttemptTimeout = TimeSpan.FromDays(1) };
        using SfSession session = await Cluster.ConnectAsync(server.Url, options, "banana", false, Cluster.Key, log);
        SfBlob blob = new() { Uuid = Guid.NewGuid(), Size = content.Length, State = "created" };
        BlobDownload download = new(session, blob, folder.Target, new SfBlobSaveOptions { RetryTimeout = TimeSpan.FromDays(1) }, log);
        Task<SfBlobSaveResult> transfer = download.RunAsync(Limit.Token);
        await half.Task.WaitAsync(Limit.Token);
        await log.SeesAsync("/data?offset=0&limit=200000 200");
        while (download.Progress.Received < ErrorBodyDetector.HeadBytes)
        {
            // The clock must not advance before enough data has been read for the response to count as progress.
            Limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }

        while (!transfer.IsCompleted)
        {
            // Fast until the response is canceled, then slowly, because the rest of the data takes real time.
            bool ended = log.Verboses.Any(line => line.Contains("The response was cut off", StringComparison.Ordinal));
            time.Advance(ended ? TimeSpan.FromMicroseconds(10) : TimeSpan.FromSeconds(20));
            await Task.Yield();
        }

        Assert.Equal(1, (await transfer).ResumeCount);
        Assert.Equal(content, await File.ReadAllBytesAsync(folder.Target, Limit.Token));
    }
}
