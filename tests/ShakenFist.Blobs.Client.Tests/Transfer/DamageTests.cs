using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Client.Tests;

/// <summary>Lengths, ranges, and content that are wrong.</summary>
public sealed class DamageTests
{
    private const int Size = 300_000;

    public static TheoryData<ServerGeneration> Generations => [.. Enum.GetValues<ServerGeneration>()];

    [Fact]
    public async Task Damage_to_the_bytes_that_are_requested_again_with_the_last_byte_is_detected()
    {
        const int Part = 64 * 1024;
        await using Download download = await Download.StartAsync(2 * Part);
        download.Options = Cluster.Quick with { BlockBytes = Part, RequestBytes = Part };

        // The first block is received, but not the end of the response. Therefore, its last byte is requested again, together with earlier bytes, which are damaged
        // this time. The hasher could already have read them by then.
        download.With(new Fault { Kind = FaultKind.CutAfter, AfterBytes = Part, When = r => r.Query.StartsWith("offset=0&", StringComparison.Ordinal) });
        download.With(new Fault
        {
            Kind = FaultKind.FlipBit,
            AfterBytes = Part - 2000,
            Delay = TimeSpan.FromMilliseconds(200),
            When = r => r.Query.StartsWith($"offset={Part - 4096}&", StringComparison.Ordinal),
        });
        SfBlobSaveResult transfer = await download.SavesAsync(new SfBlobSaveOptions { Limits = new SfTransferLimits(2) });
        Assert.Single(transfer.RepairedRanges);
    }

    [Fact]
    public async Task Damage_to_bytes_that_are_fetched_a_second_time_is_detected()
    {
        const int Part = 64 * 1024;
        const int Length = 8 * Part;
        await using Download download = await Download.StartAsync(Length);
        download.Options = Cluster.Quick with { BlockBytes = Part, RequestBytes = 2 * Part };

        // The first block is received and hashed, and the transfer waits for the rest of the range. Then the server turns out to ignore limits and offsets. All data is
        // fetched again with one request, and this time the first block is damaged.
        download.With(new Fault { Kind = FaultKind.Stall, AfterBytes = Part + 1000, When = r => r.Query.StartsWith("offset=0&", StringComparison.Ordinal) });
        download.With(new Fault
        {
            Kind = FaultKind.LyingLength,
            AfterBytes = Length,
            Delay = TimeSpan.FromMilliseconds(200),
            When = r => r.Query.StartsWith($"offset={2 * Part}&", StringComparison.Ordinal),
        });
        download.With(new Fault { Kind = FaultKind.IgnoreRange, Times = int.MaxValue, When = r => r.Query == $"offset={Length - 1}" });
        download.With(new Fault { Kind = FaultKind.FlipBit, AfterBytes = 1000, When = r => r.Query == "offset=0" });
        SfBlobSaveResult transfer = await download.SavesAsync(new SfBlobSaveOptions { Limits = new SfTransferLimits(2) });
        Assert.Single(transfer.RepairedRanges);
    }

    [Theory]
    [InlineData(ServerGeneration.B, true)]
    [InlineData(ServerGeneration.C, true)]
    [InlineData(ServerGeneration.D, true)]
    [InlineData(ServerGeneration.B, false)]
    [InlineData(ServerGeneration.C, false)]
    [InlineData(ServerGeneration.D, false)]
    public async Task A_server_that_ignores_the_limit_receives_requests_without_it(ServerGeneration generation, bool publish)
    {
        await using Download download = await Download.StartAsync(Size, generation, publish);
        download.Options = Cluster.Quick with { RequestBytes = 100_000 };
        download.With(new Fault { Kind = FaultKind.IgnoreLimit, Times = int.MaxValue });
        Assert.Equal(2, (await download.SavesAsync()).RequestCount);
    }

    [Theory]
    [InlineData(ServerGeneration.B, true)]
    [InlineData(ServerGeneration.C, true)]
    [InlineData(ServerGeneration.D, true)]
    [InlineData(ServerGeneration.B, false)]
    [InlineData(ServerGeneration.C, false)]
    [InlineData(ServerGeneration.D, false)]
    public async Task A_server_that_ignores_the_range_in_the_middle_is_read_from_the_beginning(ServerGeneration generation, bool publish)
    {
        await using Download download = await Download.StartAsync(Size, generation, publish);
        download.Options = Cluster.Quick with { RequestBytes = 100_000 };
        download.With(new Fault { Kind = FaultKind.IgnoreRange, Skip = 2, Times = int.MaxValue });
        await download.SavesAsync();
    }

    [Fact]
    public async Task Bytes_of_another_offset_are_overwritten_in_a_sparse_file()
    {
        const int Part = 100_000;
        byte[] content = new byte[3 * Part];
        new Random(1).NextBytes(content.AsSpan(0, Part));
        await using Download download = await Download.StartAsync(content, ServerGeneration.C, publish: false);
        download.Options = Cluster.Quick with { BlockBytes = Part, RequestBytes = Part };

        // The first block is not received, so its place still contains zeros. The second block is received with the bytes of the first. Zeros that are due there must
        // overwrite these bytes.
        download.With(new Fault { Kind = FaultKind.Stall, AfterBytes = 0, When = r => r.Query.StartsWith("offset=0&", StringComparison.Ordinal) });
        download.With(new Fault { Kind = FaultKind.IgnoreRange, Times = int.MaxValue, When = r => !r.Query.StartsWith("offset=0", StringComparison.Ordinal) });
        await download.SavesAsync(new SfBlobSaveOptions { Limits = new SfTransferLimits(2), Sparse = SfSparsePolicy.Always });
        Assert.Contains(download.Cluster.Log.Verboses, line => line.Contains("over a single connection", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Generations))]
    public async Task After_too_many_bytes_the_range_is_requested_again_and_none_are_written_beyond_the_end(ServerGeneration generation)
    {
        await using Download once = await Download.StartAsync(Size, generation);
        await once.With(new Fault { Kind = FaultKind.ExtraBytes, AfterBytes = 5 }).SavesAsync();
        await using Download always = await Download.StartAsync(Size, generation);
        await always.With(new Fault { Kind = FaultKind.ExtraBytes, Times = int.MaxValue }).FailsOverOldFileAsync(SfErrors.DataLengthMismatch);
    }

    [Theory]
    [InlineData(1_000)]
    [InlineData(Size - 1)]
    [InlineData(Size + 1)]
    public async Task A_wrong_announced_length_is_retried(int announced)
    {
        await using Download download = await Download.StartAsync(Size, ServerGeneration.B, publish: false);
        download.With(new Fault { Kind = FaultKind.LyingLength, AfterBytes = announced });
        await download.SavesAsync();
    }

    [Theory]
    [MemberData(nameof(Generations))]
    public async Task A_body_with_an_unrequested_content_encoding_is_never_accepted_as_data(ServerGeneration generation)
    {
        await using Download once = await Download.StartAsync(Size, generation, publish: false);
        await once.With(new Fault { Kind = FaultKind.ContentEncoding, Times = 2 }).SavesAsync();
        await using Download always = await Download.StartAsync(Size, generation, publish: false);
        SfException e = await always.With(new Fault { Kind = FaultKind.ContentEncoding, Body = "br", Times = int.MaxValue }).FailsOverOldFileAsync(SfErrors.TransferInterrupted);
        Assert.Contains("encoded as 'br", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ServerGeneration.A, 1_000)]
    [InlineData(ServerGeneration.C, 1_000)]
    [InlineData(ServerGeneration.D, 1_000)]
    [InlineData(ServerGeneration.A, 200_000)]
    [InlineData(ServerGeneration.C, 200_000)]
    [InlineData(ServerGeneration.D, 200_000)]
    [InlineData(ServerGeneration.B, 200_000)]
    public async Task A_short_response_with_a_correct_end_is_completed(ServerGeneration generation, int sent)
    {
        await using Download download = await Download.StartAsync(Size, generation, publish: false);
        download.With(new Fault { Kind = FaultKind.EndShort, AfterBytes = sent });
        SfBlobSaveResult transfer = await download.SavesAsync();
        Assert.InRange(transfer.BytesReceived, Size, Size + sent);
    }

    [Theory]
    [MemberData(nameof(Generations))]
    public async Task A_file_shorter_than_its_blob_is_reported(ServerGeneration generation)
    {
        foreach (int there in new[] { 0, 1_000, 200_000 })
        {
            await using Download download = await Download.StartAsync(Size, generation);
            download.Blob.Content = new MemoryContent(download.Content.AsMemory(0, there));
            download.Blob.Size = Size;
            download.Blob.Sha512 = download.Sha512;
            SfException e = await download.FailsOverOldFileAsync(SfErrors.DataLengthMismatch);
            Assert.Contains($"of {ErrorText.Bytes(Size)} were received", e.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_file_longer_than_its_blob_is_reported_if_the_server_shows_it()
    {
        await using Download download = await Download.StartAsync(Size, ServerGeneration.A, publish: false);
        download.Blob.Size = Size - 1;
        await download.FailsOverOldFileAsync(SfErrors.DataLengthMismatch);
    }

    [Theory]
    [MemberData(nameof(Generations))]
    public async Task A_file_that_has_grown_and_is_not_the_blob_is_reported(ServerGeneration generation)
    {
        await using Download download = await Download.StartAsync(Size, generation);
        download.Blob.Content = new MemoryContent(Download.Random(Size + 10));
        download.Blob.Size = Size;
        download.Blob.Sha512 = download.Sha512;
        await download.FailsOverOldFileAsync(generation == ServerGeneration.A ? SfErrors.DataLengthMismatch : SfErrors.HashMismatch);
    }

    [Theory]
    [InlineData(FaultKind.FlipBit, 0)]
    [InlineData(FaultKind.FlipBit, Size - 1)]
    [InlineData(FaultKind.Zeros, 100_000)]
    [InlineData(FaultKind.WrongOffset, 1)]
    public async Task Wrong_bytes_of_the_right_length_are_found_and_replaced(FaultKind kind, int at)
    {
        foreach (ServerGeneration generation in Enum.GetValues<ServerGeneration>())
        {
            await using Download download = await Download.StartAsync(Size, generation);

            // One range if there is no limit, because otherwise the fault would apply to the check of offsets.
            download.Options = Cluster.Quick with { RequestBytes = 100_000, BlockBytes = generation == ServerGeneration.A ? null : 100_000 };
            download.With(new Fault { Kind = kind, AfterBytes = at });
            SfBlobSaveResult transfer = await download.SavesAsync();
            if (kind == FaultKind.WrongOffset && transfer.RepairedRanges.Length == 0)
            {
                // The fault applied to the last range, whose length shows that it is not the requested one.
                continue;
            }

            SfRepairedRange range = Assert.Single(transfer.RepairedRanges);
            Assert.True(kind == FaultKind.FlipBit ? range.Offset <= at && at < range.Offset + range.Length : range.Offset + range.Length > at, $"{range} for byte {at}");
            Assert.NotEqual(range.FirstRequestId, range.RequestId);
            Assert.True(Guid.TryParse(range.FirstRequestId, out _) && Guid.TryParse(range.RequestId, out _));
            string first = Assert.Single(download.Cluster.Log.Verboses, line => line.EndsWith($"request id {range.FirstRequestId}", StringComparison.Ordinal));
            Assert.True(kind == FaultKind.WrongOffset || first.Contains($"data?offset={range.Offset}", StringComparison.Ordinal), first);
            Assert.Contains(download.Cluster.Log.Warnings, w => w.Contains(range.RequestId, StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData(FaultKind.FlipBit, 0)]
    [InlineData(FaultKind.Zeros, 100_000)]
    public async Task Bytes_that_stay_wrong_cause_HashMismatch_and_are_kept(FaultKind kind, int at)
    {
        foreach (ServerGeneration generation in Enum.GetValues<ServerGeneration>())
        {
            await using Download download = await Download.StartAsync(Size, generation);
            download.Options = Cluster.Quick with { RequestBytes = 100_000 };
            download.With(new Fault { Kind = kind, AfterBytes = at, Times = int.MaxValue });
            SfException e = await download.FailsOverOldFileAsync(SfErrors.HashMismatch);
            Assert.Contains(download.Sha512, e.Message.Replace(PublishedHash.Of(download.Record!)!.Hex, download.Sha512, StringComparison.Ordinal), StringComparison.Ordinal);
            Assert.Contains("A second download returned the same data", e.Message, StringComparison.Ordinal);
            Assert.Contains(PartialDownload.Suffix, e.Message, StringComparison.Ordinal);
            Assert.Equal(Size, new FileInfo(download.Target + PartialDownload.Suffix).Length);

            // After the cluster has been repaired, the same command fetches everything: a file that did not match the hash is not resumed.
            download.Cluster.Faults.Clear();
            SfBlobSaveResult transfer = await download.SavesAsync(new SfBlobSaveOptions { Force = true });
            Assert.Equal((0, Size), (transfer.BytesResumed, transfer.BytesReceived));
        }
    }

    [Fact]
    public async Task A_published_hash_that_is_wrong_fails_the_transfer()
    {
        await using Download download = await Download.StartAsync(Size, ServerGeneration.B);
        download.Blob.Sha512 = new string('a', 128);
        await download.FailsAsync(SfErrors.HashMismatch);
    }

    [Theory]
    [InlineData(204)]
    [InlineData(206)]
    public async Task A_status_that_this_API_does_not_use_is_rejected(int status)
    {
        await using Download download = await Download.StartAsync(100, publish: false);
        download.With(new Fault { Kind = FaultKind.Status, Status = status, Body = status == 206 ? new string('x', 100) : null, Times = int.MaxValue });
        await download.FailsOverOldFileAsync(SfErrors.UnexpectedStatus);
    }
}
