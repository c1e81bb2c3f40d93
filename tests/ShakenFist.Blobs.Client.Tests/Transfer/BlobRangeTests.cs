using System.Text;
using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Tests;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Client.Tests;

public sealed class BlobRangeTests
{
    private const int Size = 300_000;
    private const string Error = """{"error": "invalid JWT in Authorization header", "status": 401}""";

    private static async Task<byte[]> ReadAsync(Download download, long offset, int count)
    {
        (SfSession session, SfBlob record) = await download.PrepareAsync();
        return await BlobRange.ReadAsync(session, record, offset, count, Cluster.RetryTimeout, download.Cluster.Log, Limit.Token);
    }

    /// <summary>Checks that the range is correct, and the number of data requests.</summary>
    private static async Task ReadsAsync(Download download, int offset, int count, int? requests = null)
    {
        byte[] read = await ReadAsync(download, offset, count);
        Assert.True(read.AsSpan().SequenceEqual(download.Content.AsSpan(offset, count)), $"{count} bytes from {offset} are not the blob's.");
        Assert.Equal(requests ?? download.Cluster.DataRequests, download.Cluster.DataRequests);
    }

    public static TheoryData<ServerGeneration, int, int> Ranges
    {
        get
        {
            TheoryData<ServerGeneration, int, int> rows = [];
            foreach (ServerGeneration generation in Enum.GetValues<ServerGeneration>())
            {
                foreach ((int offset, int count) in new[] { (0, 1), (0, 4096), (0, Size), (Size - 1, 1), (Size - 5, 5), (Size - 5, 1), (Size - 5_000, 4_097), (12_345, 1), (12_345, 100_000) })
                {
                    rows.Add(generation, offset, count);
                }
            }

            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Ranges))]
    public async Task A_range_is_exact_and_takes_one_request(ServerGeneration generation, int offset, int count)
    {
        await using Download download = await Download.StartAsync(Size, generation);
        // Without limit, the offset of the data is only known if the end of the blob is read. Therefore, there is a second request.
        await ReadsAsync(download, offset, count, requests: generation == ServerGeneration.A && offset > 0 && Math.Max(offset + count, offset + 4096) < Size ? 2 : 1);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(100)]
    public async Task Any_range_of_a_small_blob_can_be_read(int size)
    {
        foreach (ServerGeneration generation in Enum.GetValues<ServerGeneration>())
        {
            await using Download download = await Download.StartAsync(size, generation);
            await ReadsAsync(download, 0, 1);
            await ReadsAsync(download, size - 1, 1);
            await ReadsAsync(download, 0, size);
        }
    }

    [Fact]
    public async Task An_empty_range_or_blob_sends_no_request()
    {
        await using Download download = await Download.StartAsync(Size);
        Assert.Empty(await ReadAsync(download, Size, 0));
        Assert.Empty(await ReadAsync(download, 5, 0));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => ReadAsync(download, Size - 1, 2));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => ReadAsync(download, Size + 1, 1));
        download.Blob.State = "initial";
        await SfAssert.ThrowsAsync(SfErrors.BlobNotReady, () => ReadAsync(download, 0, 1));
        Assert.Equal(0, download.Cluster.DataRequests);
    }

    [Fact]
    public async Task Without_limit_the_connection_is_closed_after_the_range_is_received()
    {
        const long Large = 1L << 33;
        await using Cluster cluster = await Cluster.StartAsync(ServerGeneration.A);
        EmulatedBlob blob = cluster.State.AddBlob(EmulatedBlob.Generated(Large, 7, publishChecksums: false));
        SfSession session = await cluster.ConnectAsync();
        SfBlob record = await session.GetBlobAsync(blob.Uuid, cluster.Log, Limit.Token);
        byte[] expected = new byte[70_000];
        blob.Content!.Read(1_000_001, expected);
        Assert.Equal(expected, await BlobRange.ReadAsync(session, record, 1_000_001, expected.Length, Cluster.RetryTimeout, cluster.Log, Limit.Token));
        RequestRecord request = Assert.Single(cluster.Emulator.Requests, r => r.Query == "offset=1000001");
        await Eventually.TrueAsync(() => request.Completed);
        Assert.InRange(request.BytesSent, expected.Length, 64L << 20);
    }

    [Theory]
    [InlineData(ServerGeneration.A)]
    [InlineData(ServerGeneration.B)]
    [InlineData(ServerGeneration.C)]
    [InlineData(ServerGeneration.D)]
    public async Task An_interrupted_range_continues_at_the_last_received_byte(ServerGeneration generation)
    {
        await using Download download = await Download.StartAsync(Size, generation, publish: false);
        foreach (int after in new[] { 90_000, 70_000 })
        {
            download.With(new Fault { Kind = FaultKind.CutAfter, AfterBytes = after, When = r => !r.Query.EndsWith("&limit=8192", StringComparison.Ordinal) });
        }

        // The end of each truncated response is requested again.
        await ReadsAsync(download, 10_000, 200_000, requests: generation == ServerGeneration.A ? 6 : 5);
        Assert.Equal([10_000, 100_000, 170_000], download.Cluster.Emulator.Requests
            .Where(r => r.Path.EndsWith("/data", StringComparison.Ordinal) && !r.Query.EndsWith("&limit=8192", StringComparison.Ordinal))
            .Select(r => int.Parse(r.Query.Split('&')[0]["offset=".Length..], System.Globalization.CultureInfo.InvariantCulture)));
    }

    public static TheoryData<ServerGeneration, int, string> Errors
    {
        get
        {
            TheoryData<ServerGeneration, int, string> rows = [];
            foreach (string body in new[] { Error, "<html><body><h1>502 Proxy Error</h1></body></html>", "Bad gateway" })
            {
                foreach (int count in new[] { 1, 2, 63, 5_000 })
                {
                    foreach (ServerGeneration generation in Enum.GetValues<ServerGeneration>())
                    {
                        rows.Add(generation, count, body);
                    }
                }
            }

            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Errors))]
    public async Task An_error_of_another_node_is_never_returned_as_data_of_a_short_range(ServerGeneration generation, int count, string body)
    {
        await using Download download = await Download.StartAsync(Size, generation, publish: false);
        download.With(new Fault { Kind = FaultKind.WrongBody, Body = body, Times = 3 });
        await ReadsAsync(download, 150_000, count);
        download.With(new Fault { Kind = FaultKind.WrongBody, Body = body, Times = 3 });
        await ReadsAsync(download, Size - count, count);
    }

    [Theory]
    [InlineData(ServerGeneration.A, 1)]
    [InlineData(ServerGeneration.A, 7)]
    [InlineData(ServerGeneration.B, 1)]
    [InlineData(ServerGeneration.C, 1)]
    [InlineData(ServerGeneration.D, 1)]
    [InlineData(ServerGeneration.C, 7)]
    [InlineData(ServerGeneration.D, 7)]
    public async Task An_error_of_another_node_is_never_returned_as_the_last_bytes_of_a_range(ServerGeneration generation, int left)
    {
        foreach (string body in new[] { Error, "Bad gateway" })
        {
            await using Download download = await Download.StartAsync(Size, generation, publish: false);
            download.With(new Fault { Kind = FaultKind.CutAfter, AfterBytes = 200_000 - left }).With(new Fault { Kind = FaultKind.WrongBody, Body = body, Times = 3 });
            await ReadsAsync(download, 50_000, 200_000);
        }
    }

    [Theory]
    [InlineData(ServerGeneration.A)]
    [InlineData(ServerGeneration.B)]
    [InlineData(ServerGeneration.C)]
    [InlineData(ServerGeneration.D)]
    public async Task Data_that_looks_like_an_error_is_returned(ServerGeneration generation)
    {
        byte[] content = Download.Random(20_000);
        Encoding.ASCII.GetBytes(Error).CopyTo(content, 5_000);
        Encoding.ASCII.GetBytes("<html>").CopyTo(content, 15_904);
        await using Download download = await Download.StartAsync(content, generation, publish: false);
        await ReadsAsync(download, 5_000, Error.Length, requests: generation == ServerGeneration.A ? 3 : 2);
        await ReadsAsync(download, 15_904, 4_096, requests: generation == ServerGeneration.A ? 5 : 4);
    }

    [Fact]
    public async Task A_permanent_error_reports_how_much_of_the_range_was_received()
    {
        await using Download download = await Download.StartAsync(Size, ServerGeneration.B, publish: false);
        download.With(new Fault { Kind = FaultKind.CutAfter, AfterBytes = 100_000 }).With(new Fault
        {
            Kind = FaultKind.WrongBody,
            Body = Error,
            Times = int.MaxValue,
            When = r => !r.Query.EndsWith("&limit=8192", StringComparison.Ordinal),
        });
        SfException e = await SfAssert.ThrowsAsync(SfErrors.TransferInterrupted, () => ReadAsync(download, 50_000, 200_000));
        Assert.Equal(SfErrors.UnexpectedContent, Assert.IsType<SfException>(e.InnerException).Error);
        Assert.Contains(ErrorText.Received(100_000, 200_000), e.Message, StringComparison.Ordinal);
        Assert.Contains("invalid JWT", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Data_that_no_node_has_is_reported_as_missing_also_in_the_middle()
    {
        await using Download download = await Download.StartAsync(Size, publish: false);
        (SfSession session, SfBlob record) = await download.PrepareAsync();
        download.Blob.Content = null;
        download.Blob.Locations = [];
        await SfAssert.ThrowsAsync(SfErrors.BlobDataMissing, () => BlobRange.ReadAsync(session, record, 0, 1, Cluster.RetryTimeout, download.Cluster.Log, Limit.Token));
        await SfAssert.ThrowsAsync(SfErrors.BlobDataMissing, () => BlobRange.ReadAsync(session, record, 50_000, 1, Cluster.RetryTimeout, download.Cluster.Log, Limit.Token));
    }

    [Theory]
    [InlineData(ServerGeneration.B)]
    [InlineData(ServerGeneration.C)]
    [InlineData(ServerGeneration.D)]
    public async Task A_server_that_ignores_the_limit_still_serves_the_range(ServerGeneration generation)
    {
        await using Download download = await Download.StartAsync(Size, generation, publish: false);
        download.With(new Fault { Kind = FaultKind.IgnoreLimit, Times = int.MaxValue });
        await ReadsAsync(download, 100_000, 50_000);
        await ReadsAsync(download, 0, 50_000);
        await ReadsAsync(download, Size - 10, 10);
    }

    [Theory]
    [InlineData(ServerGeneration.B)]
    [InlineData(ServerGeneration.C)]
    [InlineData(ServerGeneration.D)]
    public async Task The_start_of_the_blob_is_never_returned_for_its_middle(ServerGeneration generation)
    {
        await using Download download = await Download.StartAsync(Size, generation, publish: false);
        download.With(new Fault { Kind = FaultKind.IgnoreRange, Times = int.MaxValue });
        await SfAssert.ThrowsAsync(SfErrors.DataLengthMismatch, () => ReadAsync(download, 100_000, 50_000));
        await SfAssert.ThrowsAsync(SfErrors.DataLengthMismatch, () => ReadAsync(download, Size - 10, 10));
    }
}
