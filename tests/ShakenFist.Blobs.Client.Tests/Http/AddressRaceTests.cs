using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Time.Testing;
using ShakenFist.Blobs.Http;
using ShakenFist.Blobs.Tests;

namespace ShakenFist.Blobs.Client.Tests;

public sealed class AddressRaceTests
{
    private static readonly IPAddress Six = IPAddress.Parse("2001:db8::6");
    private static readonly IPAddress OtherSix = IPAddress.Parse("2001:db8::7");
    private static readonly IPAddress Four = IPAddress.Parse("192.0.2.4");

    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);
    private readonly List<IPAddress> _tried = [];
    private readonly Dictionary<IPAddress, TaskCompletionSource<Stream>> _answers = [];

    private Task<Stream> StartAsync(IPAddress[] addresses, CancellationToken cancellationToken, Func<IPEndPoint, CancellationToken, Task<Stream>>? connect = null) =>
        new AddressRace((_, _) => Task.FromResult(addresses), connect ?? TryAsync, _time).ConnectAsync(new DnsEndPoint("host.invalid", 80), cancellationToken);

    private Task<Stream> TryAsync(IPEndPoint address, CancellationToken cancellationToken)
    {
        _tried.Add(address.Address);
        Assert.Equal(80, address.Port);
        TaskCompletionSource<Stream> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _answers.Add(address.Address, answer);
        cancellationToken.Register(() => answer.TrySetCanceled(cancellationToken));
        return answer.Task;
    }

    [Fact]
    public async Task After_a_quarter_of_a_second_an_address_of_the_other_family_is_tried()
    {
        Task<Stream> race = StartAsync([Six, OtherSix, Four], Limit.Token);
        Assert.Equal([Six], _tried);
        _time.Advance(TimeSpan.FromMilliseconds(249));
        Assert.Equal([Six], _tried);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        await Eventually.TrueAsync(() => _tried.Count == 2);
        Assert.Equal([Six, Four], _tried);
        MemoryStream connection = new();
        _answers[Four].SetResult(connection);
        Assert.Same(connection, await race);
        Assert.True(_answers[Six].Task.IsCanceled);
        Assert.Equal(2, _tried.Count);
    }

    [Fact]
    public async Task After_a_refused_connection_the_next_address_is_tried_immediately()
    {
        Task<Stream> race = StartAsync([Six, Four], Limit.Token);
        _answers[Six].SetException(new SocketException((int)SocketError.NetworkUnreachable));
        await Eventually.TrueAsync(() => _tried.Count == 2);
        _answers[Four].SetResult(Stream.Null);
        await race;
    }

    [Fact]
    public async Task If_no_address_can_be_reached_the_last_reason_is_reported()
    {
        Task<Stream> race = StartAsync([Six, Four], Limit.Token);
        _answers[Six].SetException(new SocketException((int)SocketError.NetworkUnreachable));
        await Eventually.TrueAsync(() => _tried.Count == 2);
        _answers[Four].SetException(new SocketException((int)SocketError.ConnectionRefused));
        Assert.Equal(SocketError.ConnectionRefused, (await Assert.ThrowsAsync<SocketException>(() => race)).SocketErrorCode);
    }

    [Fact]
    public async Task A_host_without_addresses_is_not_found() =>
        Assert.Equal(SocketError.HostNotFound, (await Assert.ThrowsAsync<SocketException>(() => StartAsync([], Limit.Token))).SocketErrorCode);

    [Fact]
    public async Task A_connection_that_is_established_too_late_is_closed()
    {
        Late late = new();
        await using Stream connection = await StartAsync([Six, Four], Limit.Token, (address, cancellationToken) =>
        {
            // The first connection is established although it was canceled, the second immediately.
            return address.Address.Equals(Six) ? late.AfterAsync(cancellationToken) : Task.FromResult(Stream.Null);
        }).WaitAdvancingAsync(_time);
        Assert.True(late.IsClosed);
    }

    [Fact]
    public async Task A_cancellation_ends_all_attempts()
    {
        using CancellationTokenSource stop = new();
        Task<Stream> race = StartAsync([Six, Four], stop.Token);
        _time.Advance(TimeSpan.FromSeconds(1));
        await Eventually.TrueAsync(() => _tried.Count == 2);
        await stop.CancelAsync();
        OperationCanceledException e = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => race);
        Assert.Equal(stop.Token, e.CancellationToken);
        Assert.All(_answers.Values, answer => Assert.True(answer.Task.IsCanceled));
    }

    private sealed class Late : MemoryStream
    {
        public bool IsClosed { get; private set; }

        public async Task<Stream> AfterAsync(CancellationToken cancellationToken)
        {
            TaskCompletionSource given = new();
            await using CancellationTokenRegistration registration = cancellationToken.Register(given.SetResult);
            await given.Task;
            return this;
        }

        protected override void Dispose(bool disposing)
        {
            IsClosed = true;
            base.Dispose(disposing);
        }
    }
}
