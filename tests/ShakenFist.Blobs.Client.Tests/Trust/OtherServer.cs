using System.Net;
using System.Net.Sockets;

namespace ShakenFist.Blobs.Client.Tests.Trust;

/// <summary>A server that nobody has any business with: it takes no connection, and tells whether one was tried.</summary>
internal sealed class OtherServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    public OtherServer() => _listener.Start();

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>A connection that was made waits in the queue, even if it was closed since.</summary>
    public void HasSeenNobody() => Assert.False(_listener.Pending(), "Somebody has connected to where nobody should.");

    public void Dispose() => _listener.Dispose();
}
