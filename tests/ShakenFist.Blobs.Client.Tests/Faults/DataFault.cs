using System.Net;
using System.Net.Sockets;
using ShakenFist.Blobs.Emulator;

namespace ShakenFist.Blobs.Client.Tests;

/// <summary>A row of a fault table: what goes wrong while a blob is saved, and what comes of it. A new fault is one row.</summary>
internal sealed record DataFault
{
    /// <summary>For faults that last.</summary>
    public const int Always = int.MaxValue;

    /// <summary>What the emulated cluster does wrong, to requests for data unless another path is named.</summary>
    public Fault[] Emulated { get; init; } = [];

    /// <summary>The generations of the cluster that can do it.</summary>
    public ServerGeneration[] On { get; init; } = Enum.GetValues<ServerGeneration>();

    /// <summary>What is wrong with cluster or blob from the start.</summary>
    public Action<Cluster, EmulatedBlob>? Change { get; init; }

    /// <summary>Puts it right again, beside the faults.</summary>
    public Action<Cluster, EmulatedBlob>? Mend { get; init; }

    /// <summary>How a server of bare sockets answers requests for data, in place of the emulated cluster.</summary>
    public Func<RawExchange, RawBlob, Task>? Raw { get; init; }

    /// <summary>What becomes of the n-th connection, counted from 1; null where it is made as usual.</summary>
    public Func<int, IPEndPoint, CancellationToken, Task<Stream>?>? Dial { get; init; }

    /// <summary>The addresses of the cluster's host.</summary>
    public Func<IPAddress[]>? Resolve { get; init; }

    /// <summary>The bare server is the proxy on the way to a cluster.</summary>
    public bool ByProxy { get; init; }

    public Func<SfTransportOptions, SfTransportOptions> Options { get; init; } = options => options;

    /// <summary>The bare server keeps connections, or says so.</summary>
    public bool Keeps { get; init; }

    /// <summary>Time passes as fast as it can.</summary>
    public bool TimeFlies { get; init; }

    public int Size { get; init; } = FaultRun.Size;

    public string Namespace { get; init; } = "banana";

    public string Key { get; init; } = Cluster.Key;

    /// <summary>The error that it is; null where it is repaired.</summary>
    public SfError? Error { get; init; }

    /// <summary>Bytes of data that are received more than once until the file is there.</summary>
    public (long Min, long Max) Repeated { get; init; }

    /// <summary>The cluster publishes no hash: the file is right, and the record says that nothing proves it.</summary>
    public SfVerificationOutcome Verification { get; init; } = SfVerificationOutcome.Verified;

    /// <summary>Once it is over, bytes of the same command that are received though they were there before.</summary>
    public (long Min, long Max) RepeatedByResume { get; init; }

    public static Task<Stream> RefusedAsync() => Task.FromException<Stream>(new SocketException((int)SocketError.ConnectionRefused));

    /// <summary>No answer at all, as from an address to which no way leads.</summary>
    public static async Task<Stream> NeverAsync(CancellationToken cancellationToken)
    {
        await Task.Delay(Timeout.Infinite, cancellationToken);
        return Stream.Null;
    }
}

/// <summary>The blob of a server of bare sockets.</summary>
internal sealed class RawBlob(byte[] content)
{
    /// <summary>Requests for data so far, this one included.</summary>
    public int Asked { get; set; }

    /// <summary>The fault is over.</summary>
    public bool Mended { get; set; }

    public ReadOnlyMemory<byte> Range(RawExchange x)
    {
        int offset = (int)Math.Min(x.Query("offset"), content.Length);
        long limit = x.Query("limit");
        return content.AsMemory(offset, (int)Math.Min(limit == 0 ? long.MaxValue : limit, content.Length - offset));
    }

    public Task ServeAsync(RawExchange x) => ServeAsync(x, $"Content-Length: {Range(x).Length}\r\n");

    /// <summary>The right bytes under these headers.</summary>
    public async Task ServeAsync(RawExchange x, string headers)
    {
        await x.WriteAsync($"HTTP/1.1 200 OK\r\nConnection: close\r\n{headers}\r\n");
        await x.WriteAsync(Range(x));
    }
}
