using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace ShakenFist.Blobs.Client.Tests.Trust;

/// <summary>Tests the oldest TLS version that is offered, from the bytes of the handshake.</summary>
public sealed class TlsVersionTests
{
    private const ushort Tls12 = 0x0303;
    private const ushort Tls13 = 0x0304;

    [Fact]
    public async Task Nothing_older_than_TLS_1_2_is_offered()
    {
        ushort[] offered = await GreetAsync(version: null, SfErrors.TlsFailed);
        Assert.NotEmpty(offered);
        Assert.All(offered, version => Assert.Contains(version, new[] { Tls12, Tls13 }));
    }

    [Theory]
    [InlineData(0x0300)]
    [InlineData(0x0301)]
    [InlineData(0x0302)]
    public async Task A_server_that_requires_an_older_version_is_rejected(int version) => await GreetAsync((ushort)version, SfErrors.TlsFailed);

    /// <summary>Connects to a server that responds to the ClientHello with a version or closes the connection. Returns the offered versions.</summary>
    private static async Task<ushort[]> GreetAsync(ushort? version, SfError error)
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        Task<ushort[]> serving = ServeAsync(listener, version);
        Uri url = new($"https://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}");
        await SfAssert.ThrowsAsync(error, () => Cluster.ConnectAsync(url, null, "system", false, Cluster.Key, NullLog.Instance));
        return await serving;
    }

    private static async Task<ushort[]> ServeAsync(TcpListener listener, ushort? version)
    {
        using TcpClient client = await listener.AcceptTcpClientAsync(Limit.Token);
        NetworkStream stream = client.GetStream();
        byte[] header = new byte[5];
        await stream.ReadExactlyAsync(header, Limit.Token);
        byte[] greeting = new byte[BinaryPrimitives.ReadUInt16BigEndian(header.AsSpan(3))];
        await stream.ReadExactlyAsync(greeting, Limit.Token);
        if (version is { } answered)
        {
            await stream.WriteAsync(Answer(answered), Limit.Token);
            byte[] rest = new byte[64];
            int count = await stream.ReadAtLeastAsync(rest, 7, throwOnEndOfStream: false, Limit.Token);

            // A fatal alert. No other data may follow such a response.
            Assert.Equal((7, 21, 2), (count, rest[0], rest[5]));
        }
        else
        {
            // A fatal alert: handshake failure.
            await stream.WriteAsync(new byte[] { 21, 3, 3, 0, 2, 2, 40 }, Limit.Token);
        }

        return Versions(greeting);
    }

    /// <summary>A ServerHello of an older version that is otherwise valid: a cipher suite of that time, no extensions.</summary>
    private static byte[] Answer(ushort version)
    {
        byte[] body = new byte[2 + 32 + 1 + 2 + 1];
        BinaryPrimitives.WriteUInt16BigEndian(body, version);
        BinaryPrimitives.WriteUInt16BigEndian(body.AsSpan(35), 0xC013);
        return [22, (byte)(version >> 8), (byte)version, 0, (byte)(body.Length + 4), 2, 0, 0, (byte)body.Length, .. body];
    }

    /// <summary>Returns the versions in a ClientHello: those of extension 43, or else the legacy version field.</summary>
    private static ushort[] Versions(ReadOnlySpan<byte> greeting)
    {
        int at = 4 + 2 + 32;
        at += 1 + greeting[at];
        at += 2 + BinaryPrimitives.ReadUInt16BigEndian(greeting[at..]);
        at += 1 + greeting[at];
        for (at += 2; at < greeting.Length;)
        {
            int type = BinaryPrimitives.ReadUInt16BigEndian(greeting[at..]);
            int length = BinaryPrimitives.ReadUInt16BigEndian(greeting[(at + 2)..]);
            if (type == 43)
            {
                ReadOnlySpan<byte> list = greeting.Slice(at + 5, greeting[at + 4]);
                ushort[] versions = new ushort[list.Length / 2];
                for (int i = 0; i < versions.Length; i++)
                {
                    versions[i] = BinaryPrimitives.ReadUInt16BigEndian(list[(2 * i)..]);
                }

                return versions;
            }

            at += 4 + length;
        }

        return [BinaryPrimitives.ReadUInt16BigEndian(greeting[4..])];
    }
}
