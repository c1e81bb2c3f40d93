using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Microsoft.Extensions.Time.Testing;
using ShakenFist.Blobs.Http;
using ShakenFist.Blobs.Resilience;

namespace ShakenFist.Blobs.Client.Tests;

/// <summary>
/// The cluster becomes unavailable while a blob is saved. An outage shorter than the retry timeout is retried. A longer one ends the transfer, which can be resumed.
/// </summary>
public sealed class OutageTests : IDisposable
{
    private const int Size = 1_200_000;
    private const int Block = 1 << 16;

    private readonly TempFolder _folder = new();
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);
    private readonly byte[] _content = Download.Random(Size);
    private DateTimeOffset _awayUntil = DateTimeOffset.MinValue;
    private int _asked;

    private bool IsAway => _time.GetUtcNow() < _awayUntil;

    public void Dispose() => _folder.Dispose();

    /// <summary>Saves the blob from a cluster that becomes unavailable at the fifth data request.</summary>
    private async Task<SfBlobSaveResult> SaveAsync(TimeSpan outage, int connections, TimeSpan retryTimeout, bool resets = false)
    {
        await using RawServer server = RawServer.StartCluster(async x =>
        {
            if (!x.Path.EndsWith("/data", StringComparison.Ordinal))
            {
                return;
            }

            int number = Interlocked.Increment(ref _asked);
            if (number == 5)
            {
                _awayUntil = _time.GetUtcNow() + outage;
            }

            if (IsAway && number >= 5)
            {
                await x.ResetAsync();
                return;
            }

            ReadOnlyMemory<byte> range = _content.AsMemory((int)x.Query("offset"), (int)x.Query("limit"));
            await x.WriteAsync($"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {range.Length}\r\n\r\n");
            await x.WriteAsync(range);
        });
        SfTransportOptions options = new()
        {
            NoProxy = true,
            TimeProvider = _time,
            BlockBytes = Block,
            RequestBytes = 2 * Block,
            AddressRace = new AddressRace(
                (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Loopback]),
                (address, stop) => IsAway && !resets ? Task.FromException<Stream>(new SocketException((int)SocketError.ConnectionRefused)) : AddressRace.ConnectSocketAsync(address, stop),
                TimeProvider.System),
        };
        using SfSession session = await SfSession.ConnectAsync(
            new SfConnectionSettings(server.Url, "banana", Cluster.Key, "the test"), options,
            sockets => ResilientHandler.Create(sockets, options.AttemptTimeout, options.RetryDelay), NullLog.Instance, Limit.Token);
        SfBlob blob = new() { Uuid = Guid.NewGuid(), Size = Size, State = "created", Sha512 = Convert.ToHexStringLower(SHA512.HashData(_content)) };
        SfBlobSaveOptions how = new() { Limits = new SfTransferLimits(connections, time: _time), CreateXxh128 = Xxh128.Create, RetryTimeout = retryTimeout };
        return await session.SaveBlobDataAsync(blob, _folder.Target, how, NullLog.Instance, Limit.Token)
            .WaitAdvancingAsync(_time, () => TimeSpan.FromMilliseconds(IsAway ? 20 : 0.01));
    }

    public static TheoryData<int, int> Outages
    {
        get
        {
            TheoryData<int, int> rows = [];
            foreach (int seconds in new[] { 1, 2, 5, 30, 120 })
            {
                foreach (int connections in new[] { 1, 4, 8 })
                {
                    rows.Add(seconds, connections);
                }
            }

            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Outages))]
    public async Task A_short_outage_during_a_transfer_is_retried(int seconds, int connections)
    {
        SfBlobSaveResult transfer = await SaveAsync(TimeSpan.FromSeconds(seconds), connections, SfBlobSaveOptions.DefaultRetryTimeout);
        Assert.Equal(SfVerificationOutcome.Verified, transfer.Verification);
        Assert.Equal(_content, await File.ReadAllBytesAsync(_folder.Target, Limit.Token));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    public async Task A_longer_outage_ends_the_transfer_with_the_last_real_failure_and_it_can_be_resumed(int connections)
    {
        DateTimeOffset began = _time.GetUtcNow();
        SfException e = await SfAssert.ThrowsAsync(SfErrors.TransferInterrupted, () => SaveAsync(TimeSpan.FromHours(1), connections, SfBlobSaveOptions.DefaultRetryTimeout));
        Assert.Equal(SfErrors.ConnectionFailed, Assert.IsType<SfException>(e.InnerException).Error);
        Assert.Contains("Last failure", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("circuit", e.Message, StringComparison.OrdinalIgnoreCase);
        // The simulated time runs on while a busy machine answers.
        Assert.InRange(_time.GetUtcNow() - began, TimeSpan.FromSeconds(300), TimeSpan.FromMinutes(55));

        // A process that another test has just started can still hold the lock.
        Assert.True(SpinWait.SpinUntil(() => BlobTransferApi.Get(_folder.Target)!.State == SfBlobTransferState.Resumable, TimeSpan.FromMinutes(1)));
    }

    [Fact]
    public async Task With_a_retry_timeout_of_zero_a_transfer_ends_at_the_first_failure()
    {
        await SfAssert.ThrowsAsync(SfErrors.TransferInterrupted, () => SaveAsync(TimeSpan.FromHours(1), 1, TimeSpan.Zero));
        Assert.Equal(5, _asked);
    }

    [Fact]
    public async Task Requests_to_a_server_that_closes_every_connection_have_growing_pauses()
    {
        await SfAssert.ThrowsAsync(SfErrors.TransferInterrupted, () => SaveAsync(TimeSpan.FromHours(1), 1, SfBlobSaveOptions.DefaultRetryTimeout, resets: true));

        // The first four succeed and the fifth fails. On a busy computer, the time limit of the test's clock can be reached before the next one arrives.
        Assert.InRange(_asked, 5, 30);
    }
}
