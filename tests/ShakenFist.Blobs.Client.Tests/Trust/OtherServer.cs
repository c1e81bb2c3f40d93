using System.Net;
using System.Net.Sockets;

namespace ShakenFist.Blobs.Client.Tests.Trust;

/// <summary>A server to which nothing must connect. It accepts no connections, and reports whether one was attempted.</summary>
internal sealed class OtherServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    public OtherServer() => _listener.Start();

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>A connection that was established waits in the queue, even if it has been closed.</summary>
    public void HasSeenNobody() => Assert.False(_listener.Pending(), "A client connected to a server that must receive no connections.");

    public void Dispose() => _listener.Dispose();
}
