using System.Net;
using System.Net.Sockets;
using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Tests;

namespace ShakenFist.Blobs.Client.Tests;

/// <summary>Faults of connections while a blob is saved.</summary>
public sealed class ConnectionFaults
{
    private const int Half = 50_000;

    private static readonly SocketError[] Unreachable = [SocketError.NetworkUnreachable, SocketError.HostUnreachable];

    private static readonly Dictionary<string, DataFault> Rows = new()
    {
        ["no fault at all, a connection for each request"] = new(),
        ["connection refused"] = new() { Dial = (_, _, _) => DataFault.RefusedAsync(), Error = SfErrors.ConnectionFailed },
        ["connection refused once in the middle"] = new() { Dial = (n, _, _) => n == 4 ? DataFault.RefusedAsync() : null },
        ["connection refused from the middle on"] = new() { Dial = (n, _, _) => n >= 5 ? DataFault.RefusedAsync() : null, Error = SfErrors.ConnectionFailed, On = [ServerGeneration.B, ServerGeneration.C, ServerGeneration.D] },
        ["no way to the host"] = new() { Dial = (n, _, _) => Task.FromException<Stream>(new SocketException((int)Unreachable[n % 2])), Error = SfErrors.ConnectionFailed },
        ["the name is not known"] = new() { Resolve = () => throw new SocketException((int)SocketError.HostNotFound), Error = SfErrors.HostNotFound },
        ["the name has no address"] = new() { Resolve = () => [], Error = SfErrors.HostNotFound },
        ["connecting hangs"] = new() { Dial = (_, _, stop) => DataFault.NeverAsync(stop), Options = o => o with { ConnectTimeout = TimeSpan.FromMilliseconds(100) }, Error = SfErrors.ConnectionFailed },
        ["connecting hangs once"] = new() { Dial = (n, _, stop) => n == 4 ? DataFault.NeverAsync(stop) : null, Options = o => o with { ConnectTimeout = TimeSpan.FromSeconds(1) } },
        ["the IPv6 address is dead, the IPv4 one is not"] = new()
        {
            Resolve = () => [IPAddress.Parse("2001:db8::6"), IPAddress.Loopback],
            Dial = (_, address, stop) => address.AddressFamily == AddressFamily.InterNetworkV6 ? DataFault.NeverAsync(stop) : null,
        },
        ["all addresses are dead"] = new()
        {
            Resolve = () => [IPAddress.Parse("2001:db8::6"), IPAddress.Loopback],
            Dial = (_, _, stop) => DataFault.NeverAsync(stop),
            Options = o => o with { ConnectTimeout = TimeSpan.FromMilliseconds(400) },
            Error = SfErrors.ConnectionFailed,
        },
        ["closed before the head, once"] = new() { Emulated = [new() { Kind = FaultKind.CutBeforeHeaders }] },
        ["closed before the head, always"] = new() { Emulated = [new() { Kind = FaultKind.CutBeforeHeaders, Times = DataFault.Always }], Error = SfErrors.ConnectionFailed },
        ["reset before the head, once"] = new() { Emulated = [new() { Kind = FaultKind.CutBeforeHeaders, Reset = true }] },
        ["reset before the head, always"] = new() { Emulated = [new() { Kind = FaultKind.CutBeforeHeaders, Reset = true, Times = DataFault.Always }], Error = SfErrors.ConnectionFailed },
        ["reset in the middle of the head"] = new() { Raw = (x, blob) => blob.Asked > 1 ? blob.ServeAsync(x) : HalfAHeadAsync(x) },
        ["reset after the head, once"] = new() { Emulated = [new() { Kind = FaultKind.CutAfter, Reset = true }] },
        ["reset after the head, always"] = new() { Raw = (x, blob) => HeadAndResetAsync(x, blob), Error = SfErrors.TransferInterrupted },
        ["reset after any number of bytes"] = new() { Emulated = [.. AnyPlaces(seed: 1).Select(at => new Fault { Kind = FaultKind.CutAfter, AfterBytes = at, Reset = true })], Repeated = (0, 8 * 4096) },
        ["closed after any number of bytes"] = new() { Emulated = [.. AnyPlaces(seed: 2).Select(at => new Fault { Kind = FaultKind.CutAfter, AfterBytes = at })], Repeated = (0, 8 * 4096) },
        ["a body ends before its Content-Length"] = new() { On = [ServerGeneration.B], Emulated = [new() { Kind = FaultKind.CutAfter, AfterBytes = Half }] },
        ["a body never has a byte of its Content-Length"] = new() { On = [ServerGeneration.B], Emulated = [new() { Kind = FaultKind.CutAfter, Times = DataFault.Always }], Error = SfErrors.TransferInterrupted },
        ["a chunked body ends without its last chunk"] = new() { On = [ServerGeneration.A, ServerGeneration.C, ServerGeneration.D], Emulated = [new() { Kind = FaultKind.CutAfter, AfterBytes = Half }] },
        ["a chunked body ends in order and has nothing, always"] = new() { Raw = (x, _) => x.SendChunkedAsync(default, properEnd: true), Error = SfErrors.DataLengthMismatch },
        ["a chunked body ends in order and is short, once"] = new() { Emulated = [new() { Kind = FaultKind.EndShort, AfterBytes = Half }], Repeated = (0, Half), On = [ServerGeneration.A, ServerGeneration.C, ServerGeneration.D] },
        ["a chunked body ends in order and is short by a byte, once"] = new() { Raw = (x, blob) => x.SendChunkedAsync(blob.Range(x)[..^(blob.Asked == 1 ? 1 : 0)], properEnd: true) },
        ["a chunked body ends in order and is short, always"] = new() { Emulated = [new() { Kind = FaultKind.EndShort, AfterBytes = Half, Times = DataFault.Always }], Error = SfErrors.DataLengthMismatch, On = [ServerGeneration.A, ServerGeneration.C, ServerGeneration.D] },
        ["the size of a chunk is no number"] = new() { Raw = (x, blob) => blob.Asked > 1 ? blob.ServeAsync(x) : x.WriteAsync("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n") },
        ["silence in the middle of a body, once"] = new() { Emulated = [new() { Kind = FaultKind.Stall, AfterBytes = Half }], Options = Impatient },
        ["silence in the middle of a body, always"] = new() { Emulated = [new() { Kind = FaultKind.Stall, Times = DataFault.Always }], Options = Impatient, Error = SfErrors.TransferInterrupted },
        ["silence before the head, once"] = new() { Emulated = [new() { Kind = FaultKind.Delay, Delay = TimeSpan.FromHours(1) }], Options = o => o with { AttemptTimeout = TimeSpan.FromSeconds(1) } },
        ["silence before the head, always"] = new() { Raw = (x, _) => x.UntilGoneAsync(), Options = o => o with { AttemptTimeout = TimeSpan.FromMilliseconds(300) }, Error = SfErrors.RequestTimeout },
        ["a byte a second"] = new() { Raw = DripAsync, TimeFlies = true, Options = o => o with { IdleTimeout = TimeSpan.FromDays(1) }, Error = SfErrors.TransferInterrupted },
        ["a kept connection is closed just as the next request comes"] = new() { Raw = KeptAsync, Keeps = true },
        ["the proxy wants credentials in the middle"] = new() { ByProxy = true, Raw = (x, blob) => blob.Asked == 1 ? blob.ServeAsync(x) : x.SendAsync("", "text/html", 407, "Proxy-Authenticate: Basic realm=\"p\"\r\n"), Error = SfErrors.ProxyFailed },
        ["the proxy answers 502, once"] = new() { ByProxy = true, Raw = (x, blob) => blob.Asked == 2 ? x.SendAsync("<html>", "text/html", 502) : blob.ServeAsync(x) },
        ["the proxy answers 502, always"] = new() { ByProxy = true, Raw = (x, blob) => x.SendAsync("<html>", "text/html", 502), Error = SfErrors.ServerUnavailable },
        ["the proxy resets the connection, once"] = new() { ByProxy = true, Raw = (x, blob) => blob.Asked == 2 ? x.ResetAsync() : blob.ServeAsync(x) },
        ["the proxy resets the connection, always"] = new() { ByProxy = true, Raw = (x, _) => x.ResetAsync(), Error = SfErrors.ConnectionFailed },
    };

    public static TheoryData<string, ServerGeneration?> Cases => FaultRun.Cases(Rows);

    [Theory]
    [MemberData(nameof(Cases))]
    public Task After_any_fault_of_a_connection_the_file_is_correct_or_the_error_is_reported(string row, ServerGeneration? generation) => FaultRun.CheckAsync(Rows[row], generation);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_interrupted_TLS_handshake_is_reported_as_a_failed_connection(bool reset)
    {
        await using RawServer server = RawServer.StartBare(async x =>
        {
            await x.UntilSpokenToAsync();
            if (reset)
            {
                await x.ResetAsync();
            }
        });
        Uri url = new($"https://127.0.0.1:{server.Port}");
        foreach (bool resilient in (bool[])[false, true])
        {
            SfException e = await SfAssert.ThrowsAsync(SfErrors.ConnectionFailed, () => Cluster.ConnectAsync(url, null, "system", resilient, Cluster.Key, NullLog.Instance));
            Assert.StartsWith($"The connection to https://127.0.0.1:{server.Port} was lost during the TLS handshake (", e.Message, StringComparison.Ordinal);
        }

        await Eventually.TrueAsync(() => server.Open == 0);
    }

    [Theory]
    [InlineData("http")]
    [InlineData("https")]
    public async Task A_proxy_that_resets_every_connection_is_reported(string scheme)
    {
        await using RawServer proxy = RawServer.StartBare(async x =>
        {
            await x.UntilSpokenToAsync();
            await x.ResetAsync();
        });
        SfTransportOptions options = Cluster.Quick with { NoProxy = false, Proxy = proxy.Url };
        await SfAssert.ThrowsAsync(SfErrors.ConnectionFailed, () => Cluster.ConnectAsync(new Uri($"{scheme}://cluster.invalid"), options, "system", true, Cluster.Key, NullLog.Instance));
    }

    /// <summary>Longer than a busy computer is likely to pause.</summary>
    private static SfTransportOptions Impatient(SfTransportOptions options) => options with { IdleTimeout = TimeSpan.FromMilliseconds(300) };

    private static long[] AnyPlaces(int seed)
    {
        Random random = new(seed);
        return [.. Enumerable.Range(0, 8).Select(_ => random.NextInt64(1, 2 * FaultRun.Part))];
    }

    private static async Task HalfAHeadAsync(RawExchange x)
    {
        await x.WriteAsync("HTTP/1.1 200 OK\r\nContent-Le");
        await x.ResetAsync();
    }

    private static async Task HeadAndResetAsync(RawExchange x, RawBlob blob)
    {
        await x.WriteAsync($"HTTP/1.1 200 OK\r\nContent-Length: {blob.Range(x).Length}\r\n\r\n");
        await x.ResetAsync();
    }

    private static async Task DripAsync(RawExchange x, RawBlob blob)
    {
        ReadOnlyMemory<byte> range = blob.Range(x);
        await x.WriteAsync($"HTTP/1.1 200 OK\r\nContent-Length: {range.Length}\r\n\r\n");
        for (int i = 0; i < 40; i++)
        {
            await x.WriteAsync(range.Slice(i, 1));
        }

        await x.UntilGoneAsync();
    }

    /// <summary>Announces a persistent connection, and closes it when it is used again.</summary>
    private static async Task KeptAsync(RawExchange x, RawBlob blob)
    {
        await x.WriteAsync($"HTTP/1.1 200 OK\r\nContent-Length: {blob.Range(x).Length}\r\n\r\n");
        await x.WriteAsync(blob.Range(x));
        await x.UntilSpokenToAsync();
    }
}
