using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Tests;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Client.Tests;

public sealed class BlobChunksTests
{
    private const int Chunk = BlobChunks.ChunkBytes;

    private static async IAsyncEnumerable<byte[]> ReadAsync(Download download, long offset, long end, DownloadProgress? progress = null, CancellationToken? cancellationToken = null)
    {
        (SfSession session, SfBlob record) = await download.PrepareAsync();
        await foreach (byte[] chunk in BlobChunks.ReadAsync(session, record, offset, end, Cluster.RetryTimeout, progress ?? new DownloadProgress(), download.Cluster.Log, cancellationToken ?? Limit.Token))
        {
            yield return chunk;
        }
    }

    private static async Task<List<byte[]>> AllAsync(Download download, long offset, long end, DownloadProgress? progress = null)
    {
        List<byte[]> chunks = [];
        await foreach (byte[] chunk in ReadAsync(download, offset, end, progress))
        {
            chunks.Add(chunk);
        }

        return chunks;
    }

    [Theory]
    [InlineData(1, 0, 1)]
    [InlineData(Chunk, 0, Chunk)]
    [InlineData(Chunk + 1, 0, Chunk + 1)]
    [InlineData((2 * Chunk) + 1, 7, (2 * Chunk) + 1)]
    [InlineData((2 * Chunk) + 1, Chunk - 1, Chunk + 1)]
    public async Task Chunks_are_returned_in_order_and_cover_the_range(int size, int offset, int end)
    {
        foreach (ServerGeneration generation in Enum.GetValues<ServerGeneration>())
        {
            await using Download download = await Download.StartAsync(size, generation);
            DownloadProgress progress = new();
            List<byte[]> chunks = await AllAsync(download, offset, end, progress);
            int position = offset;
            foreach (byte[] chunk in chunks)
            {
                Assert.True(chunk.AsSpan().SequenceEqual(download.Content.AsSpan(position, chunk.Length)), $"The chunk at {position} is not the blob's bytes.");
                position += chunk.Length;
            }

            Assert.Equal(end, position);
            Assert.All(chunks[..^1], c => Assert.Equal(Chunk, c.Length));
            Assert.Equal(end - offset, progress.Position);

            // Without limit, a chunk in the middle causes one more request, because only the end of the blob shows the offset of the data.
            int checks = generation == ServerGeneration.A ? Enumerable.Range(0, chunks.Count).Count(i => offset + (i * Chunk) > 0 && Math.Min(end, offset + ((i + 1) * Chunk)) < size) : 0;
            Assert.Equal(chunks.Count + checks, download.Cluster.DataRequests);
        }
    }

    [Fact]
    public async Task An_empty_range_returns_no_chunk_and_sends_no_request()
    {
        await using Download download = await Download.StartAsync(10);
        Assert.Empty(await AllAsync(download, 10, 10));
        Assert.Equal(0, download.Cluster.DataRequests);
    }

    [Fact]
    public async Task A_damaged_blob_is_reported_after_its_last_chunk()
    {
        await using Download download = await Download.StartAsync(Chunk + 10);
        download.With(new Fault { Kind = FaultKind.FlipBit, AfterBytes = 1_000, Times = int.MaxValue });
        int seen = 0;
        SfException e = await SfAssert.ThrowsAsync(SfErrors.HashMismatch, async () =>
        {
            await foreach (byte[] chunk in ReadAsync(download, 0, Chunk + 10))
            {
                seen += chunk.Length;
            }
        });
        Assert.Equal(Chunk + 10, seen);
        Assert.Contains("Do not use the data", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, 0, 999_999)]
    [InlineData(true, 1, 1_000_000)]
    [InlineData(false, 0, 1_000_000)]
    public async Task A_partial_range_or_a_blob_without_a_hash_is_not_verified(bool publish, int offset, int end)
    {
        await using Download download = await Download.StartAsync(1_000_000, publish: publish);
        download.With(new Fault { Kind = FaultKind.FlipBit, AfterBytes = 1_000, Times = int.MaxValue });
        Assert.Single(await AllAsync(download, offset, end));
    }

    [Fact]
    public async Task A_reader_that_stops_early_does_not_wait_and_no_request_continues()
    {
        await using Download download = await Download.StartAsync(3 * Chunk);
        download.With(new Fault { Kind = FaultKind.Stall, AfterBytes = 10, When = r => r.Query.StartsWith($"offset={Chunk}&", StringComparison.Ordinal) });
        await foreach (byte[] chunk in ReadAsync(download, 0, 3 * Chunk))
        {
            Assert.Equal(Chunk, chunk.Length);
            await Eventually.TrueAsync(() => download.Cluster.Emulator.Requests.Any(r => r.Query.StartsWith($"offset={Chunk}&", StringComparison.Ordinal) && r.BytesSent > 0));
            break;
        }

        await Eventually.TrueAsync(() => download.Cluster.Emulator.Requests.All(r => r.Completed));
        Assert.Equal(2, download.Cluster.DataRequests);
    }

    [Fact]
    public async Task A_cancelled_reader_ends_while_it_waits()
    {
        await using Download download = await Download.StartAsync(2 * Chunk);
        download.With(new Fault { Kind = FaultKind.Stall, AfterBytes = 10, Skip = 1 });
        using CancellationTokenSource stop = new();
        int seen = 0;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (byte[] chunk in ReadAsync(download, 0, 2 * Chunk, cancellationToken: stop.Token))
            {
                seen++;
                await stop.CancelAsync();
            }
        });
        Assert.Equal(1, seen);
        await Eventually.TrueAsync(() => download.Cluster.Emulator.Requests.All(r => r.Completed));
    }

    [Fact]
    public async Task A_failure_of_the_next_chunk_is_reported_when_it_is_read()
    {
        await using Download download = await Download.StartAsync(2 * Chunk);
        download.With(new Fault { Kind = FaultKind.Status, Status = 403, When = r => r.Query.StartsWith($"offset={Chunk}&", StringComparison.Ordinal) });
        int seen = 0;
        await SfAssert.ThrowsAsync(SfErrors.AccessForbidden, async () =>
        {
            await foreach (byte[] chunk in ReadAsync(download, 0, 2 * Chunk))
            {
                seen++;
            }
        });
        Assert.Equal(1, seen);
    }
}
