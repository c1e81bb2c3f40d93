using System.Net;
using System.Net.Sockets;
using ShakenFist.Blobs.Emulator;

namespace ShakenFist.Blobs.Client.Tests;

/// <summary>A row of a fault table: a fault while a blob is saved, and its outcome. To test a new fault, add a row.</summary>
internal sealed record DataFault
{
    /// <summary>The number of times for a permanent fault.</summary>
    public const int Always = int.MaxValue;

    /// <summary>The fault of the emulated cluster. It applies to data requests unless another path is specified.</summary>
    public Fault[] Emulated { get; init; } = [];

    /// <summary>The generations to which the fault applies.</summary>
    public ServerGeneration[] On { get; init; } = Enum.GetValues<ServerGeneration>();

    /// <summary>Changes the cluster or the blob at the start.</summary>
    public Action<Cluster, EmulatedBlob>? Change { get; init; }

    /// <summary>Reverts the change.</summary>
    public Action<Cluster, EmulatedBlob>? Mend { get; init; }

    /// <summary>Responds to data requests as a raw socket server, instead of the emulated cluster.</summary>
    public Func<RawExchange, RawBlob, Task>? Raw { get; init; }

    /// <summary>Replaces the nth connection, counted from 1. Null to connect as usual.</summary>
    public Func<int, IPEndPoint, CancellationToken, Task<Stream>?>? Dial { get; init; }

    /// <summary>The addresses of the host of the cluster.</summary>
    public Func<IPAddress[]>? Resolve { get; init; }

    /// <summary>Whether the raw server is the proxy in front of a cluster.</summary>
    public bool ByProxy { get; init; }

    public Func<SfTransportOptions, SfTransportOptions> Options { get; init; } = options => options;

    /// <summary>Whether the raw server announces persistent connections.</summary>
    public bool Keeps { get; init; }

    /// <summary>Whether the clock is fake and advances as fast as possible.</summary>
    public bool TimeFlies { get; init; }

    public int Size { get; init; } = FaultRun.Size;

    public string Namespace { get; init; } = "banana";

    public string Key { get; init; } = Cluster.Key;

    /// <summary>The expected error. Null if the fault is repaired.</summary>
    public SfError? Error { get; init; }

    /// <summary>Number of data bytes that are received more than once until the file is saved.</summary>
    public (long Min, long Max) Repeated { get; init; }

    /// <summary>Whether the cluster publishes no hash. The file is then correct, but the result reports that it was not verified.</summary>
    public SfVerificationOutcome Verification { get; init; } = SfVerificationOutcome.Verified;

    /// <summary>Number of bytes that the same command receives again after the fault has ended.</summary>
    public (long Min, long Max) RepeatedByResume { get; init; }

    public static Task<Stream> RefusedAsync() => Task.FromException<Stream>(new SocketException((int)SocketError.ConnectionRefused));

    /// <summary>No response, like from an address without a route.</summary>
    public static async Task<Stream> NeverAsync(CancellationToken cancellationToken)
    {
        await Task.Delay(Timeout.Infinite, cancellationToken);
        return Stream.Null;
    }
}

/// <summary>The blob of the raw server.</summary>
internal sealed class RawBlob(byte[] content)
{
    /// <summary>Number of data requests so far, including this one.</summary>
    public int Asked { get; set; }

    /// <summary>Whether the fault has ended.</summary>
    public bool Mended { get; set; }

    public ReadOnlyMemory<byte> Range(RawExchange x)
    {
        int offset = (int)Math.Min(x.Query("offset"), content.Length);
        long limit = x.Query("limit");
        return content.AsMemory(offset, (int)Math.Min(limit == 0 ? long.MaxValue : limit, content.Length - offset));
    }

    public Task ServeAsync(RawExchange x) => ServeAsync(x, $"Content-Length: {Range(x).Length}\r\n");

    /// <summary>Sends the correct bytes with these headers.</summary>
    public async Task ServeAsync(RawExchange x, string headers)
    {
        await x.WriteAsync($"HTTP/1.1 200 OK\r\nConnection: close\r\n{headers}\r\n");
        await x.WriteAsync(Range(x));
    }
}
