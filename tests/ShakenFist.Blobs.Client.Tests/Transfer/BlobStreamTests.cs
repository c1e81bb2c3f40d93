using FsCheck;
using FsCheck.Fluent;
using ShakenFist.Blobs.Client.Tests.Properties;
using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Client.Tests;

public sealed class BlobStreamTests
{
    private const int Block = 1024 * 1024;
    private const int Size = (2 * Block) + 17;

    private static async Task<BlobStream> OpenAsync(Download download)
    {
        (SfSession session, SfBlob record) = await download.PrepareAsync();
        return new BlobStream(session, record, Cluster.RetryTimeout, download.Cluster.Log);
    }

    private static Gen<(int Kind, int Offset, int Count)> Step =>
        from kind in Gen.Choose(0, 8)
        from near in Gen.Elements(0, 1, Block - 1, Block, Block + 1, 2 * Block, Size - 1, Size, Size + 1, Size + 5_000_000)
        from shift in Gen.Choose(-3, 3)
        from sign in Gen.Elements(1, 1, -1)
        from count in Gen.Elements(0, 1, 2, 100, 5_000, Block, Size)
        select (kind, (near + shift) * sign, count);

    [Cases(12)]
    public Property Any_sequence_of_seeks_and_reads_returns_the_same_data_as_a_memory_stream() => Prop.ForAll(Step.ArrayOf(12).ToArbitrary(), steps =>
    {
        WalkAsync(steps).GetAwaiter().GetResult();
        return true;
    });

    private static async Task WalkAsync((int Kind, int Offset, int Count)[] steps)
    {
        await using Download download = await Download.StartAsync(Size, ServerGeneration.B, publish: false);
        await using BlobStream stream = await OpenAsync(download);
        using MemoryStream oracle = new(download.Content, writable: false);
        foreach ((int kind, int offset, int count) in steps)
        {
            (byte[]? Bytes, string? Error) expected = await StepAsync(oracle, kind, offset, count);
            (byte[]? Bytes, string? Error) found = await StepAsync(stream, kind, offset, count);
            Assert.Equal(expected.Error, found.Error);
            Assert.True((expected.Bytes ?? []).AsSpan().SequenceEqual(found.Bytes ?? []), $"Step {kind}, {offset}, {count}: other bytes.");
            Assert.Equal(oracle.Position, stream.Position);
        }
    }

    private static async Task<(byte[]? Bytes, string? Error)> StepAsync(Stream stream, int kind, int offset, int count)
    {
        try
        {
            byte[] buffer = new byte[count];
            switch (kind)
            {
                case 0:
                    return (BitConverter.GetBytes(stream.Seek(offset, SeekOrigin.Begin)), null);
                case 1:
                    return (BitConverter.GetBytes(stream.Seek(offset, SeekOrigin.Current)), null);
                case 2:
                    return (BitConverter.GetBytes(stream.Seek(-offset, SeekOrigin.End)), null);
                case 3:
                    stream.Position = offset;
                    return (null, null);
                case 4:
                    return (buffer[..stream.ReadAtLeast(buffer, count, throwOnEndOfStream: false)], null);
                case 5:
                    return (buffer[..await stream.ReadAtLeastAsync(buffer, count, throwOnEndOfStream: false, Limit.Token)], null);
                case 6:
                    return (BitConverter.GetBytes(stream.ReadByte()), null);
                case 7:
                    using (MemoryStream copy = new())
                    {
                        await stream.CopyToAsync(copy, Limit.Token);
                        return (copy.ToArray(), null);
                    }

                default:
                    await stream.ReadExactlyAsync(buffer, Limit.Token);
                    return (buffer, null);
            }
        }
        catch (Exception e) when (e is IOException or ArgumentException)
        {
            return (null, e.GetType().Name);
        }
    }

    [Fact]
    public async Task The_stream_is_readable_and_seekable_and_not_writable()
    {
        await using Download download = await Download.StartAsync(100);
        await using BlobStream stream = await OpenAsync(download);
        Assert.Equal((true, true, false, 100), (stream.CanRead, stream.CanSeek, stream.CanWrite, stream.Length));
        Assert.Throws<NotSupportedException>(() => stream.Write([1], 0, 1));
        Assert.Throws<NotSupportedException>(() => stream.WriteByte(1));
        Assert.Throws<NotSupportedException>(() => stream.SetLength(1));
        await stream.FlushAsync(Limit.Token);
        Assert.Throws<ArgumentException>(() => stream.Seek(0, (SeekOrigin)7));
        Assert.Throws<ArgumentNullException>(() => (object)stream.Read(null!, 0, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => (object)stream.Read(new byte[1], 1, 1));
        Assert.Equal(0, download.Cluster.DataRequests);
    }

    [Fact]
    public async Task Reads_past_the_end_or_into_an_empty_buffer_request_nothing()
    {
        await using Download download = await Download.StartAsync(100);
        await using BlobStream stream = await OpenAsync(download);
        Assert.Equal(0, stream.Read([], 0, 0));
        stream.Position = long.MaxValue;
        Assert.Equal(0, stream.Read(new byte[10], 0, 10));
        Assert.Equal(-1, stream.ReadByte());
        Assert.Equal(0, download.Cluster.DataRequests);
    }

    [Fact]
    public async Task Reading_within_a_block_sends_no_further_request()
    {
        await using Download download = await Download.StartAsync(Size, publish: false);
        await using BlobStream stream = await OpenAsync(download);
        for (int i = 0; i < 50; i++)
        {
            Assert.Equal(download.Content[i], stream.ReadByte());
        }

        stream.Position = 5;
        Assert.Equal(download.Content[5], stream.ReadByte());
        Assert.Equal(1, download.Cluster.DataRequests);
    }

    [Fact]
    public async Task A_block_that_failed_is_requested_again_by_the_next_read()
    {
        await using Download download = await Download.StartAsync(Size, publish: false);
        download.With(new Fault { Kind = FaultKind.Status, Status = 403 });
        await using BlobStream stream = await OpenAsync(download);
        stream.Position = 1_000;
        await SfAssert.ThrowsAsync(SfErrors.AccessForbidden, async () => await stream.ReadExactlyAsync(new byte[10], Limit.Token));
        Assert.Equal(1_000, stream.Position);
        Assert.Equal(download.Content[1_000], stream.ReadByte());
    }

    [Fact]
    public async Task A_closed_stream_cannot_be_read()
    {
        await using Download download = await Download.StartAsync(100);
        BlobStream stream = await OpenAsync(download);
        Assert.Equal(download.Content[0], stream.ReadByte());
        await stream.DisposeAsync();
        stream.Dispose();
        Assert.Equal((false, false), (stream.CanRead, stream.CanSeek));
        Assert.Throws<ObjectDisposedException>(() => stream.ReadByte());
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await stream.ReadExactlyAsync(new byte[1], Limit.Token));
        Assert.Throws<ObjectDisposedException>(() => stream.Seek(0, SeekOrigin.Begin));
        Assert.Throws<ObjectDisposedException>(() => stream.Length);
        Assert.Throws<ObjectDisposedException>(() => stream.Position);
    }

    [Fact]
    public async Task After_a_cancelled_read_the_stream_can_still_be_read()
    {
        await using Download download = await Download.StartAsync(Size, publish: false);
        download.With(new Fault { Kind = FaultKind.Stall, AfterBytes = 10 });
        await using BlobStream stream = await OpenAsync(download);
        using CancellationTokenSource stop = new();
        ValueTask<int> reading = stream.ReadAsync(new byte[10], stop.Token);
        await download.Cluster.Log.SeesAsync("/data?offset=0");
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await reading);
        Assert.Equal(download.Content[0], stream.ReadByte());
    }

    [Fact]
    public async Task A_blob_without_data_cannot_be_opened_as_a_stream()
    {
        await using Download download = await Download.StartAsync(100);
        download.Blob.State = "initial";
        SfException e = await SfAssert.ThrowsAsync(SfErrors.BlobNotReady, () => OpenAsync(download));
        Assert.Contains("'initial'", e.Message, StringComparison.Ordinal);
    }
}
