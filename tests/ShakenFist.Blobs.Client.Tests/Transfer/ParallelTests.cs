using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Client.Tests;

/// <summary>Tests ranges over several connections.</summary>
public sealed class ParallelTests
{
    private const int Part = 64 * 1024;

    public static TheoryData<ServerGeneration, bool> Servers => new()
    {
        { ServerGeneration.A, true }, { ServerGeneration.B, true }, { ServerGeneration.C, true }, { ServerGeneration.D, true },
        { ServerGeneration.A, false }, { ServerGeneration.B, false }, { ServerGeneration.C, false }, { ServerGeneration.D, false },
    };

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task Ranges_are_fetched_from_every_server_generation(ServerGeneration generation, bool keepAlive)
    {
        await using Download download = await Download.StartAsync((40 * Part) + 5, generation, change: o => o with { KeepAlive = keepAlive });
        download.Options = Cluster.Quick with { BlockBytes = Part, RequestBytes = 2 * Part };
        SfBlobSaveResult transfer = await download.SavesAsync();
        Assert.True(transfer.RangeCount >= 4);
        RequestRecord[] data = [.. download.Cluster.Emulator.Requests.Where(r => r.Path.EndsWith("/data", StringComparison.Ordinal))];
        Assert.Equal(generation == ServerGeneration.A, data.All(r => !r.Query.Contains("limit", StringComparison.Ordinal)));

        // Additional bytes: what a server without limit sends before it is stopped, and the check whether it honors offsets.
        Assert.InRange(transfer.BytesReceived, download.Content.Length, download.Content.Length + (generation == ServerGeneration.A ? 2 : 0));
        Assert.Equal(0, transfer.ResumeCount);
    }

    [Fact]
    public async Task An_expired_token_in_twenty_ranges_causes_one_authentication()
    {
        await using Download download = await Download.StartAsync(40 * Part);
        download.Options = Cluster.Quick with { BlockBytes = Part, RequestBytes = Part };
        (SfSession session, SfBlob record) = await download.PrepareAsync();
        download.Cluster.Emulator.ExpireTokens();
        SfBlobSaveOptions options = new() { Limits = new SfTransferLimits(16) };
        SfBlobSaveResult transfer = await session.SaveBlobDataAsync(record, download.Target, options, download.Cluster.Log, Limit.Token);
        Assert.Equal(1, transfer.ReauthenticationCount);
        Assert.Equal(2, download.Cluster.Count("POST", "/auth"));
    }

    [Fact]
    public async Task Fewer_connections_are_used_for_an_overloaded_cluster()
    {
        await using Download download = await Download.StartAsync(40 * Part);
        download.Options = Cluster.Quick with { BlockBytes = Part, RequestBytes = Part };
        download.With(new Fault { Kind = FaultKind.Status, Status = 503, Skip = 3, Times = 3 });
        SfTransferLimits limits = new(4);
        await download.SavesAsync(new SfBlobSaveOptions { Limits = limits }, resilient: true);
        Assert.InRange(limits.Allowed, 1, 2);
    }

    [Fact]
    public async Task A_failure_of_one_range_ends_the_transfer_and_received_data_is_kept()
    {
        await using Download download = await Download.StartAsync(40 * Part);
        download.Options = Cluster.Quick with { BlockBytes = Part, RequestBytes = Part };
        download.With(new Fault { Kind = FaultKind.Status, Status = 403, When = r => r.Query.StartsWith($"offset={20 * Part}&", StringComparison.Ordinal), Times = int.MaxValue });
        await download.FailsAsync(SfErrors.AccessForbidden);
        Assert.InRange(BlobTransferApi.Get(download.Target)!.BytesTransferred, 10 * Part, 39 * Part);
    }

    [Fact]
    public async Task The_first_failure_is_reported_and_not_the_cancellation_of_the_others()
    {
        await using Download download = await Download.StartAsync(40 * Part);
        download.Options = Cluster.Quick with { BlockBytes = Part, RequestBytes = Part };
        download.With(new Fault { Kind = FaultKind.Stall, AfterBytes = 10, When = r => r.Query.StartsWith("offset=0&", StringComparison.Ordinal), Times = int.MaxValue });
        download.With(new Fault { Kind = FaultKind.Status, Status = 403, When = r => r.Query.StartsWith($"offset={20 * Part}&", StringComparison.Ordinal), Times = int.MaxValue });
        await download.FailsAsync(SfErrors.AccessForbidden);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task If_an_ignored_offset_cannot_be_detected_everything_after_the_first_gap_is_fetched_with_one_request(bool damaged)
    {
        const int Size = 8 * Part;
        await using Download download = await Download.StartAsync(Size, ServerGeneration.A, publish: false);
        download.Options = Cluster.Quick with { BlockBytes = Part };
        download.With(new Fault { Kind = FaultKind.CutAfter, AfterBytes = (5 * Part) + 10, When = r => r.Query == "offset=0" });
        download.With(new Fault { Kind = FaultKind.CutAfter, AfterBytes = 0, When = r => r.Query == $"offset={(5 * Part) + 10}", Times = int.MaxValue });
        await download.FailsAsync(SfErrors.TransferInterrupted);
        if (damaged)
        {
            string file = download.Target + PartialDownload.Suffix;
            byte[] there = await File.ReadAllBytesAsync(file, Limit.Token);
            there[(2 * Part) + 1] ^= 1;
            await File.WriteAllBytesAsync(file, there, Limit.Token);
        }

        int before = download.Cluster.DataRequests;
        SfBlobSaveResult transfer = await download.SavesAsync();
        int kept = damaged ? 2 : 5;
        Assert.Equal([$"offset={Size - 1}", $"offset={kept * Part}"], download.Cluster.Emulator.Requests.Where(r => r.Path.EndsWith("/data", StringComparison.Ordinal)).Skip(before).Select(r => r.Query));
        Assert.Equal(Size - (kept * Part) + 1, transfer.BytesReceived);
    }

    [Theory]
    [InlineData(1L, 1L << 20)]
    [InlineData(64L << 30, 1L << 20)]
    [InlineData(128L << 30, 2L << 20)]
    [InlineData(8L << 40, 32L << 20)]
    public void Blocks_are_longer_if_there_would_be_too_many(long size, long part) => Assert.Equal(part, BlockTable.BlockBytesFor(size));

    [Fact]
    public void Ranges_are_taken_once_in_order_and_complete_ones_are_skipped()
    {
        BlockTable map = new(10_500, 1000);
        map.Complete(2, 7, provisional: false);
        Assert.Equal((0L, 2000L), map.Take(5000));
        Assert.Equal((3000L, 4000L), map.Take(1));
        Assert.Equal((4000L, 10_500L), map.Take(long.MaxValue));
        Assert.Null(map.Take(long.MaxValue));
        Assert.Equal((0L, 0L, 1000L), (map.FirstGap(), map.BytesOpen, map.BytesComplete));
        map.Complete(0, 1, provisional: false);
        map.Complete(1, 1, provisional: true);
        Assert.Equal(3000, map.FirstGap());
        map.Invalidate(1, taken: false);
        Assert.Equal((1000L, 1000L, 2000L), (map.FirstGap(), map.BytesOpen, map.BytesComplete));
        map.ReopenTaken();
        Assert.Equal(8500, map.BytesOpen);
        Assert.Equal((1000L, 2000L), map.Take(long.MaxValue));
        Assert.Equal((3000L, 10_500L), map.Take(long.MaxValue));
    }
}
