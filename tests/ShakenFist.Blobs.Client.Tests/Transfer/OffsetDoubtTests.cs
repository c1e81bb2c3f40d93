using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Client.Tests;

/// <summary>
/// A server that once ignores the offset, and whose connection is lost before it has sent too much. The response itself does not show this, and without a published
/// hash, nothing later would show it.
/// </summary>
public sealed class OffsetDoubtTests
{
    private const int Part = 64 * 1024;
    private const int Size = (8 * Part) - 123;

    public static TheoryData<ServerGeneration, bool> Servers => new()
    {
        { ServerGeneration.A, false }, { ServerGeneration.C, false }, { ServerGeneration.D, false }, { ServerGeneration.A, true }, { ServerGeneration.B, true }, { ServerGeneration.C, true }, { ServerGeneration.D, true }, { ServerGeneration.B, false },
    };

    /// <summary>A disk that begins with data and contains zeros where the response is cut off.</summary>
    private static byte[] Zeros()
    {
        byte[] disk = new byte[Size];
        new Random(1).NextBytes(disk.AsSpan(0, Part));
        new Random(2).NextBytes(disk.AsSpan(6 * Part));
        return disk;
    }

    private static bool IsProof(RequestRecord request) =>
        request.Query.EndsWith("&limit=8192", StringComparison.Ordinal) || request.Query == $"offset={Size - 1}";

    private static Task<Download> StartAsync(byte[] content, ServerGeneration generation, bool publish) =>
        Download.StartAsync(content, generation, publish);

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task Bytes_of_a_response_with_a_wrong_offset_are_not_kept(ServerGeneration generation, bool publish)
    {
        foreach (int after in new[] { 5000, Part, 3 * Part, (4 * Part) - 1 })
        {
            await using Download download = await StartAsync(Download.Random(Size), generation, publish);
            download.Options = Cluster.Quick with { BlockBytes = Part, RequestBytes = 4 * Part };
            download.With(new Fault { Kind = FaultKind.CutAfter, AfterBytes = 3 * Part });
            download.With(new Fault { Kind = FaultKind.IgnoreRange, AfterBytes = after, When = r => !r.Query.StartsWith("offset=0", StringComparison.Ordinal) });
            await download.SavesAsync(new SfBlobSaveOptions { Limits = new SfTransferLimits(1) });
        }
    }

    [Theory]
    [InlineData(5000)]
    [InlineData(100_000)]
    [InlineData(3 * Part)]
    public async Task Bytes_with_a_wrong_offset_are_not_kept_if_the_blob_is_similar_at_its_start(int after)
    {
        byte[] content = Download.Random(Size);
        content.AsSpan(0, Size - (4 * Part)).CopyTo(content.AsSpan(4 * Part));
        for (int page = 4 * Part; page < Size; page += 4096)
        {
            content[page + 7] ^= 1;
        }

        await using Download download = await StartAsync(content, ServerGeneration.C, publish: false);
        download.Options = Cluster.Quick with { BlockBytes = Part, RequestBytes = 4 * Part };
        download.With(new Fault { Kind = FaultKind.IgnoreRange, AfterBytes = after, When = r => r.Query.StartsWith($"offset={4 * Part}&", StringComparison.Ordinal) });
        await download.SavesAsync(new SfBlobSaveOptions { Limits = new SfTransferLimits(1) });
    }

    [Theory]
    [InlineData(ServerGeneration.A)]
    [InlineData(ServerGeneration.C)]
    [InlineData(ServerGeneration.D)]
    public async Task Bytes_with_a_wrong_offset_are_not_kept_if_the_connection_is_lost_in_zeros(ServerGeneration generation)
    {
        await using Download download = await StartAsync(Zeros(), generation, publish: false);
        download.Options = Cluster.Quick with { BlockBytes = Part, RequestBytes = 4 * Part };
        download.With(new Fault { Kind = FaultKind.CutAfter, AfterBytes = 3 * Part });
        download.With(new Fault { Kind = FaultKind.IgnoreRange, AfterBytes = 3 * Part, When = r => !r.Query.StartsWith("offset=0", StringComparison.Ordinal) });
        await download.SavesAsync(new SfBlobSaveOptions { Limits = new SfTransferLimits(1) });
    }

    [Theory]
    [InlineData(ServerGeneration.A)]
    [InlineData(ServerGeneration.C)]
    [InlineData(ServerGeneration.D)]
    public async Task If_only_the_connection_breaks_received_data_is_kept_and_a_few_bytes_are_repeated(ServerGeneration generation)
    {
        foreach (byte[] content in new[] { Download.Random(Size), Zeros(), new byte[Size] })
        {
            await using Download download = await StartAsync(content, generation, publish: false);
            download.Options = Cluster.Quick with { BlockBytes = Part };
            download.With(new Fault { Kind = FaultKind.CutAfter, AfterBytes = 2 * Part, Times = 3, When = r => !IsProof(r) });
            SfBlobSaveResult transfer = await download.SavesAsync(new SfBlobSaveOptions { Limits = new SfTransferLimits(1) });
            Assert.InRange(transfer.BytesReceived, Size, Size + (3 * 8193));
        }
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task A_server_that_ignores_the_offset_despite_a_successful_check_is_read_from_the_start(ServerGeneration generation, bool publish)
    {
        await using Download download = await StartAsync(Download.Random(Size), generation, publish);
        download.Options = Cluster.Quick with { BlockBytes = Part, RequestBytes = Part };
        string last = $"offset={7 * Part}";
        download.With(new Fault
        {
            Kind = FaultKind.IgnoreRange,
            Times = int.MaxValue,
            When = r => !IsProof(r) && r.Query != "offset=0" && (r.Query.StartsWith(last, StringComparison.Ordinal) || !r.Query.Contains("limit", StringComparison.Ordinal)),
        });
        await download.SavesAsync(new SfBlobSaveOptions { Limits = new SfTransferLimits(2) });
        Assert.Equal("offset=0", download.Cluster.Emulator.Requests.Last(r => !IsProof(r) && r.Path.EndsWith("/data", StringComparison.Ordinal)).Query);
    }

    [Fact]
    public async Task A_range_in_memory_is_verified_in_the_same_way()
    {
        await using Download download = await StartAsync(Download.Random(Size), ServerGeneration.C, publish: true);
        download.With(new Fault { Kind = FaultKind.IgnoreRange, AfterBytes = 2 * Part });
        (SfSession session, SfBlob record) = await download.PrepareAsync();
        byte[] read = await BlobRange.ReadAsync(session, record, 3 * Part, 4 * Part, Cluster.RetryTimeout, download.Cluster.Log, Limit.Token);
        Assert.True(read.AsSpan().SequenceEqual(download.Content.AsSpan(3 * Part, 4 * Part)), "Not the bytes of the range.");
    }

    [Fact]
    public async Task Data_that_cannot_be_verified_is_fetched_again()
    {
        await using Download download = await StartAsync(Download.Random(Size), ServerGeneration.C, publish: false);
        download.Options = Cluster.Quick with { BlockBytes = Part, RequestBytes = 4 * Part };
        download.With(new Fault { Kind = FaultKind.CutAfter, AfterBytes = 3 * Part, When = r => r.Query.StartsWith($"offset={4 * Part}&", StringComparison.Ordinal) });
        download.With(new Fault { Kind = FaultKind.Status, Status = 500, Times = 3, When = r => r.Query.EndsWith("limit=8192", StringComparison.Ordinal) });
        SfBlobSaveResult transfer = await download.SavesAsync(new SfBlobSaveOptions { Limits = new SfTransferLimits(1) });
        Assert.Equal(3 * Part, transfer.BytesRepeated);
        Assert.Contains(download.Cluster.Log.Verboses, line => line.Contains("The check failed", StringComparison.Ordinal));
    }
}
