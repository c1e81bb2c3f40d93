using System.Collections.Concurrent;
using System.Text;
using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Resilience;

namespace ShakenFist.Blobs.Client.Tests;

/// <summary>
/// Tests -Verification Reread with servers whose wrong bytes only a second download can detect: the lengths are right, the responses end properly, and no hash is
/// published.
/// </summary>
public sealed class RereadTests : IDisposable
{
    private const int Part = 64 * 1024;
    private const int Size = (24 * Part) - 123;

    private static readonly byte[] Content = Download.Random(Size);

    private static readonly SfBlobSaveOptions Reread = new()
    {
        CreateXxh128 = Xxh128.Create,
        Verification = SfVerificationPolicy.Reread,
        Limits = new SfTransferLimits(4),
        RetryTimeout = TimeSpan.FromMinutes(1),
    };

    private readonly TempFolder _folder = new();
    private readonly RecordingLog _log = new();
    private readonly ConcurrentQueue<Call> _calls = new();
    private int _connections;
    private bool _isSecond;

    public void Dispose() => _folder.Dispose();

    /// <summary>Servers that are always wrong.</summary>
    public static TheoryData<string, int> WrongServers
    {
        get
        {
            TheoryData<string, int> rows = [];
            foreach (string server in new[] { "ignores the offset", "ignores the offset of limited requests", "shifts", "shifts after the first MiB", "rounds the offset", "caches the first response" })
            {
                rows.Add(server, 1);
                rows.Add(server, 4);
            }

            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(WrongServers))]
    public async Task Wrong_bytes_that_each_response_contains_never_get_the_name(string server, int connections)
    {
        byte[]? cached = null;
        byte[] Answer(Call call) => server switch
        {
            "ignores the offset" => Right(call with { Offset = 0, Length = call.IsLimited ? call.Length : Size }),
            "ignores the offset of limited requests" => Right(call.IsLimited ? call with { Offset = 0 } : call),
            "shifts" => call.Offset == 0 ? Right(call) : Cyclic(call.Offset + 7, call.Length),
            "shifts after the first MiB" => call.Offset < 1 << 20 ? Right(call) : Cyclic(call.Offset + 7, call.Length),
            "rounds the offset" => Right(call with { Offset = call.Offset / 4096 * 4096 }),
            _ => [.. Enumerable.Range(0, call.Length).Select(i => (cached ??= Right(call))[i % cached.Length])],
        };
        SfBlobSaveOptions options = Reread with { Limits = new SfTransferLimits(connections) };

        // If a limited request starts at a multiple of 4096 bytes, the last of these servers is right.
        if (server != "rounds the offset")
        {
            SfBlobSaveResult unchecked_ = await SaveAsync(Answer, options with { Verification = SfVerificationPolicy.IfAvailable });
            Assert.Equal(SfVerificationOutcome.NotPublished, unchecked_.Verification);
            Assert.False(IsRight(), "The server returned the right bytes.");
            File.Delete(_folder.Target);
            cached = null;
        }

        SfException e = await SfAssert.ThrowsAsync(SfErrors.RereadFailed, () => SaveAsync(Answer, options));
        Assert.False(File.Exists(_folder.Target));
        Assert.Contains("It is used again only if the cluster has published a hash", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Responses_that_are_swapped_between_two_connections_never_get_the_name(bool onlyInFirstDownload)
    {
        Call? waiting = null;
        TaskCompletionSource<Call>? other = null;
        object gate = new();
        async Task<byte[]> AnswerAsync(Call call)
        {
            TaskCompletionSource<Call>? mine = null;
            Call? theirs = null;
            lock (gate)
            {
                if (call.IsLimited && !(onlyInFirstDownload && _isSecond))
                {
                    if (waiting is not null && waiting.Length == call.Length)
                    {
                        theirs = waiting;
                        other!.SetResult(call);
                        waiting = null;
                    }
                    else if (waiting is null)
                    {
                        waiting = call;
                        mine = other = new TaskCompletionSource<Call>(TaskCreationOptions.RunContinuationsAsynchronously);
                    }
                }
            }

            if (mine is not null && await Task.WhenAny(mine.Task, Task.Delay(200, Limit.Token)) != mine.Task)
            {
                lock (gate)
                {
                    waiting = mine.Task.IsCompleted ? waiting : null;
                    mine.TrySetResult(call);
                }
            }

            return Right(theirs ?? (mine is null ? call : await mine.Task));
        }

        try
        {
            SfBlobSaveResult saved = await SaveAsync(AnswerAsync, Reread);
            Assert.Equal(SfVerificationOutcome.Reread, saved.Verification);
            Assert.True(IsRight(), "Wrong bytes got the name.");
        }
        catch (SfException e) when (!onlyInFirstDownload)
        {
            Assert.Equal(SfErrors.RereadFailed, e.Error);
            Assert.False(File.Exists(_folder.Target));
        }
    }

    [Theory]
    [InlineData(false, 0)]
    [InlineData(false, 10 * Part)]
    [InlineData(false, Size - 1)]
    [InlineData(true, 0)]
    [InlineData(true, (9 * Part) + 5)]
    [InlineData(true, Size - 1)]
    public async Task If_one_download_was_damaged_both_requests_are_repeated_and_the_file_is_right(bool second, int at)
    {
        int left = 1;
        SfBlobSaveResult saved = await SaveAsync(
            call =>
            {
                byte[] bytes = Right(call);
                if (_isSecond == second && call.IsLimited && call.Offset <= at && at < call.Offset + bytes.Length && Interlocked.Exchange(ref left, 0) > 0)
                {
                    bytes[at - call.Offset] ^= 4;
                }

                return bytes;
            },
            Reread);
        Assert.True(IsRight(), "Wrong bytes got the name.");
        Assert.Equal(SfVerificationOutcome.Reread, saved.Verification);
        Assert.Equal(second ? [] : [at], saved.RepairedRanges.Select(r => (int)r.Offset));
        Assert.Contains($"The file {(second ? "is correct" : "was corrected")}.", Assert.Single(_log.Warnings), StringComparison.Ordinal);

        // The comparison is complete again after the correction.
        Assert.True(_calls.Where(c => c.IsSecond).Sum(c => (long)c.Length) >= 2 * Size);
    }

    [Fact]
    public async Task Data_that_is_different_each_time_is_an_error_and_is_not_used_by_a_run_without_a_hash()
    {
        int number = 0;
        byte[] Unstable(Call call)
        {
            byte[] bytes = Right(call);
            if (call.Offset <= 5 * Part && 5 * Part < call.Offset + bytes.Length)
            {
                bytes[(5 * Part) - call.Offset] = (byte)Interlocked.Increment(ref number);
            }

            return bytes;
        }

        SfException e = await SfAssert.ThrowsAsync(SfErrors.RereadFailed, () => SaveAsync(Unstable, Reread));
        Assert.Contains($"bytes {5 * Part}-", e.Message, StringComparison.Ordinal);
        SfBlobSaveResult saved = await SaveAsync(Right, Reread with { Verification = SfVerificationPolicy.None });
        Assert.Equal(0, saved.BytesResumed);
        Assert.True(IsRight());
    }

    [Fact]
    public async Task A_later_run_that_has_the_hash_uses_the_data_of_a_failed_comparison()
    {
        await SfAssert.ThrowsAsync(SfErrors.RereadFailed, () => SaveAsync(call => call.IsLimited ? Right(call) : Right(call with { Offset = 0, Length = Size }), Reread));
        SfBlobSaveResult saved = await SaveAsync(Right, Reread, published: true);
        Assert.Equal((Size, SfVerificationOutcome.Verified), (saved.BytesResumed, saved.Verification));
        Assert.True(IsRight());
    }

    [Fact]
    public async Task The_downloads_share_no_connection_and_no_request_begins_where_another_did()
    {
        SfBlobSaveResult saved = await SaveAsync(Right, Reread, keepAlive: true);
        Assert.Equal((SfVerificationOutcome.Reread, _calls.Count), (saved.Verification, saved.RequestCount));
        Assert.Equal((long)Size + 1, saved.BytesRepeated);
        ILookup<bool, Call> calls = _calls.ToLookup(c => c.IsSecond);
        Assert.True(calls[false].Select(c => c.Connection).Distinct().Count() < calls[false].Count(), "The first download did not keep its connections.");
        Assert.Equal(calls[true].Count(), calls[true].Select(c => c.Connection).Distinct().Count());
        Assert.Empty(calls[true].Select(c => c.Connection).Intersect(calls[false].Select(c => c.Connection)));
        Assert.Equal([0], calls[true].Select(c => c.Offset).Intersect(calls[false].Select(c => c.Offset)));
        Assert.Equal([Size], calls[true].Where(c => c.IsLimited).Select(c => c.Offset + c.Length).Intersect(calls[false].Select(c => c.Offset + c.Length)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5000)]
    [InlineData(Part)]
    public async Task A_short_blob_is_fetched_twice_too(int size)
    {
        await using Download download = await Download.StartAsync(size, publish: false);
        SfBlobSaveResult saved = await download.SavesAsync(Reread);
        Assert.Equal(SfVerificationOutcome.Reread, saved.Verification);
        Assert.Equal((2L * size) + 1, saved.BytesReceived);
    }

    [Theory]
    [InlineData(ServerGeneration.A)]
    [InlineData(ServerGeneration.B)]
    [InlineData(ServerGeneration.C)]
    public async Task Every_generation_is_read_twice_despite_lost_connections(ServerGeneration generation)
    {
        await using Download download = await Download.StartAsync(Size, generation, publish: false);
        download.Options = Cluster.Quick with { BlockBytes = Part, RequestBytes = 4 * Part };
        download.With(new Fault { Kind = FaultKind.CutAfter, AfterBytes = 3 * Part, Times = 6, When = r => r.Query.Length > 0 });
        SfBlobSaveResult saved = await download.SavesAsync(Reread);
        Assert.Equal(SfVerificationOutcome.Reread, saved.Verification);
        Assert.Empty(saved.RepairedRanges);
    }

    [Fact]
    public async Task A_published_hash_is_verified_and_the_data_is_read_once()
    {
        await using Download download = await Download.StartAsync(Size);
        SfBlobSaveResult saved = await download.SavesAsync(Reread);
        Assert.Equal((SfVerificationOutcome.Verified, (long)Size), (saved.Verification, saved.BytesReceived));
    }

    [Fact]
    public async Task Required_does_not_accept_a_second_download()
    {
        await using Download download = await Download.StartAsync(Size, publish: false);
        await download.FailsAsync(SfErrors.ChecksumNotPublished, Reread with { Verification = SfVerificationPolicy.Required });
        Assert.Equal(0, download.Cluster.DataRequests);
    }

    [Fact]
    public async Task A_run_that_was_stopped_in_the_second_download_reads_everything_a_second_time_again()
    {
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(Limit.Token);
        int compared = 0;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => SaveAsync(
            async call =>
            {
                if (_isSecond && Interlocked.Increment(ref compared) == 4)
                {
                    await stop.CancelAsync();
                }

                return Right(call);
            },
            Reread,
            cancellationToken: stop.Token));
        _calls.Clear();
        _isSecond = true;
        SfBlobSaveResult saved = await SaveAsync(Right, Reread);
        Assert.Equal((Size, SfVerificationOutcome.Reread), (saved.BytesResumed, saved.Verification));
        int position = 0;
        foreach (Call call in _calls.Where(c => c.IsLimited).OrderBy(c => c.Offset))
        {
            Assert.Equal(position, call.Offset);
            position += call.Length;
        }

        Assert.Equal(Size, position);
    }

    [Fact]
    public async Task A_block_that_differed_is_fetched_again_by_the_next_run()
    {
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(Limit.Token);
        const int At = 5 * Part;
        int seen = 0;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => SaveAsync(
            async call =>
            {
                byte[] bytes = Right(call);
                if (call.IsLimited && call.Offset <= At && At < call.Offset + bytes.Length && Interlocked.Increment(ref seen) is var number)
                {
                    // The first request is damaged, the second one shows it, and before both are repeated, the run ends.
                    bytes[At - call.Offset] ^= (byte)(number == 1 ? 1 : 0);
                    if (number == 3)
                    {
                        await stop.CancelAsync();
                    }
                }

                return bytes;
            },
            Reread with { Limits = new SfTransferLimits(1) },
            cancellationToken: stop.Token));
        SfBlobSaveResult saved = await SaveAsync(Right, Reread with { Verification = SfVerificationPolicy.IfAvailable });
        Assert.Equal(Size - Part, saved.BytesResumed);
        Assert.True(IsRight(), "Wrong bytes got the name.");
    }

    [Fact]
    public async Task Data_of_an_earlier_run_with_a_wrong_offset_is_detected()
    {
        byte[] Shifted(Call call) => call.Offset == 0 ? Right(call) : Cyclic(call.Offset + 7, call.Length);
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(Limit.Token);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => SaveAsync(
            async call =>
            {
                if (_isSecond)
                {
                    await stop.CancelAsync();
                }

                return Shifted(call);
            },
            Reread,
            cancellationToken: stop.Token));
        await SfAssert.ThrowsAsync(SfErrors.RereadFailed, () => SaveAsync(Shifted, Reread));
        Assert.False(File.Exists(_folder.Target));
    }

    private static byte[] Right(Call call) => Content.AsSpan(call.Offset, Math.Min(call.Length, Size - call.Offset)).ToArray();

    private static byte[] Cyclic(int offset, int length) => [.. Enumerable.Range(offset, length).Select(i => Content[i % Size])];

    private bool IsRight() => File.ReadAllBytes(_folder.Target).AsSpan().SequenceEqual(Content);

    private Task<SfBlobSaveResult> SaveAsync(Func<Call, byte[]> answer, SfBlobSaveOptions options, bool published = false, bool keepAlive = false) =>
        SaveAsync(call => Task.FromResult(answer(call)), options, published, keepAlive);

    /// <summary>Saves the blob from a server that answers data requests with these bytes.</summary>
    private async Task<SfBlobSaveResult> SaveAsync(
        Func<Call, Task<byte[]>> answer, SfBlobSaveOptions options, bool published = false, bool keepAlive = false, CancellationToken? cancellationToken = null)
    {
        _isSecond = false;
        await using RawServer server = RawServer.StartBare(async x =>
        {
            int connection = Interlocked.Increment(ref _connections);
            do
            {
                if (!await x.ReadAsync())
                {
                    return;
                }

                string type = x.Path == "/" ? "text/html" : "application/json";
                byte[] body = Encoding.UTF8.GetBytes(x.Path == "/" ? "<ul><li>blobs: blob-data-limit</ul>" : """{"access_token": "t0k3n", "expires_in": 86400}""");
                if (x.Path.EndsWith("/data", StringComparison.Ordinal))
                {
                    // The second download begins with an unlimited request for the last byte.
                    int limit = (int)x.Query("limit");
                    _isSecond |= limit == 0;
                    Call call = new((int)x.Query("offset"), limit == 0 ? Size - (int)x.Query("offset") : limit, limit > 0, _isSecond, connection);
                    _calls.Enqueue(call);
                    body = await answer(call);
                    type = "application/octet-stream";
                }

                await x.WriteAsync($"HTTP/1.1 200 OK\r\nContent-Type: {type}\r\nTransfer-Encoding: chunked\r\n{(keepAlive ? string.Empty : "Connection: close\r\n")}\r\n{body.Length:x}\r\n");
                await x.WriteAsync(body);
                await x.WriteAsync("\r\n0\r\n\r\n");
            }
            while (keepAlive);
        });
        SfTransportOptions transport = Cluster.Quick with { BlockBytes = Part, RequestBytes = 4 * Part };
        using SfSession session = await Cluster.ConnectAsync(server.Url, transport, "banana", false, Cluster.Key, _log);
        SfBlob blob = new() { Uuid = Plan.Uuid, Size = Size, State = "created", Sha512 = published ? Convert.ToHexStringLower(System.Security.Cryptography.SHA512.HashData(Content)) : null };
        return await session.SaveBlobDataAsync(blob, _folder.Target, options, _log, cancellationToken ?? Limit.Token);
    }

    /// <summary>A request for data.</summary>
    private sealed record Call(int Offset, int Length, bool IsLimited, bool IsSecond, int Connection);
}
