using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace ShakenFist.Blobs.Benchmarks;

/// <summary>
/// A TCP proxy that delivers each byte with a delay in both directions, like a network with a high latency. The TCP window limits the rate of a connection. It runs in
/// a separate process. It does not reproduce the slow start of TCP.
/// </summary>
internal static class DelayProxy
{
    private const int BlockBytes = 64 * 1024;

    // By default, Linux lets a socket send 4 MiB before they are acknowledged. That is the amount of one round trip, half of it in one direction.
    private const int MaxInFlight = 2 * 1024 * 1024 / BlockBytes;

    /// <summary>Starts a proxy in front of a server. Returns its URL and its process.</summary>
    public static async Task<(string Url, Process Process)> StartAsync(string url, int roundTripMilliseconds)
    {
        Uri target = new(url);
        Process process = Child.Start("delay", $"{target.Port}", $"{roundTripMilliseconds}");
        string port = await process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The proxy did not start.");
        return ($"http://127.0.0.1:{port}/", process);
    }

    /// <summary>The entry point of the proxy process.</summary>
    public static async Task<int> RunAsync(int port, int roundTripMilliseconds)
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        Console.WriteLine(((IPEndPoint)listener.LocalEndpoint).Port);
        TimeSpan oneWay = TimeSpan.FromMilliseconds(roundTripMilliseconds / 2.0);
        _ = Task.Run(async () =>
        {
            while (true)
            {
                TcpClient client = await listener.AcceptTcpClientAsync();
                _ = ServeAsync(client, port, oneWay);
            }
        });
        await Console.In.ReadToEndAsync();
        return 0;
    }

    private static async Task ServeAsync(TcpClient client, int port, TimeSpan oneWay)
    {
        using TcpClient near = client;
        using TcpClient far = new() { NoDelay = true };
        near.NoDelay = true;
        try
        {
            // The handshake takes one round trip before the first byte.
            await Task.Delay(oneWay * 2);
            await far.ConnectAsync(IPAddress.Loopback, port);
            await Task.WhenAny(PumpAsync(near, far, oneWay), PumpAsync(far, near, oneWay));
            await Task.Delay(oneWay * 4);
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
        {
            // One of the two connections was closed.
        }
    }

    private static async Task PumpAsync(TcpClient from, TcpClient to, TimeSpan delay)
    {
        Channel<(long Due, byte[] Bytes, int Count)> underWay = Channel.CreateBounded<(long, byte[], int)>(MaxInFlight);
        Task reading = Task.Run(async () =>
        {
            try
            {
                while (true)
                {
                    byte[] block = System.Buffers.ArrayPool<byte>.Shared.Rent(BlockBytes);
                    int count = await from.GetStream().ReadAsync(block);
                    if (count == 0)
                    {
                        return;
                    }

                    await underWay.Writer.WriteAsync((Stopwatch.GetTimestamp() + (long)(delay.TotalSeconds * Stopwatch.Frequency), block, count));
                }
            }
            catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or InvalidOperationException)
            {
                // Forward the end of the connection.
            }
            finally
            {
                underWay.Writer.TryComplete();
            }
        });
        await foreach ((long due, byte[] bytes, int count) in underWay.Reader.ReadAllAsync())
        {
            TimeSpan wait = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), due);
            if (wait > TimeSpan.FromMilliseconds(1))
            {
                await Task.Delay(wait);
            }

            await to.GetStream().WriteAsync(bytes.AsMemory(0, count));
            System.Buffers.ArrayPool<byte>.Shared.Return(bytes);
        }

        await reading;
    }
}
