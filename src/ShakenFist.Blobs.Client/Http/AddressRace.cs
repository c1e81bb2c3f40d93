using System.Net;
using System.Net.Sockets;

namespace ShakenFist.Blobs.Http;

/// <summary>
/// Connects to the first address of a host that responds. An address that does not, such as an IPv6 address without a route, costs a quarter of a second instead of
/// the whole time limit: the next address is then tried in parallel.
/// </summary>
internal sealed class AddressRace(
    Func<string, CancellationToken, Task<IPAddress[]>> resolve, Func<IPEndPoint, CancellationToken, Task<Stream>> connect, TimeProvider time)
{
    private static readonly TimeSpan HeadStart = TimeSpan.FromMilliseconds(250);

    /// <summary>Uses the name resolution of the system and real sockets.</summary>
    public static AddressRace OfSockets(TimeProvider time) => new(Dns.GetHostAddressesAsync, ConnectSocketAsync, time);

    /// <summary>Returns the first established connection and closes the others.</summary>
    /// <exception cref="SocketException">The host has no address, or none can be reached. Then it is the failure of the last address.</exception>
    public async Task<Stream> ConnectAsync(DnsEndPoint host, CancellationToken cancellationToken)
    {
        IPAddress[] addresses = Alternate(await resolve(host.Host, cancellationToken).ConfigureAwait(false));
        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        List<Task<Stream>> running = [];
        int next = 0;
        try
        {
            while (running.Count > 0 || next < addresses.Length)
            {
                List<Task> events = [];
                if (next < addresses.Length)
                {
                    running.Add(connect(new IPEndPoint(addresses[next++], host.Port), over.Token));
                    events.AddRange(next < addresses.Length ? [Task.Delay(HeadStart, time, over.Token)] : []);
                }

                Task first = await Task.WhenAny([.. running, .. events]).ConfigureAwait(false);
                cancellationToken.ThrowIfCancellationRequested();
                if (first is not Task<Stream> ended)
                {
                    continue;
                }

                running.Remove(ended);
                if (ended.IsCompletedSuccessfully || (running.Count == 0 && next == addresses.Length))
                {
                    return await ended.ConfigureAwait(false);
                }
            }

            throw new SocketException((int)SocketError.HostNotFound);
        }
        finally
        {
            await over.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(running.Select(CloseAsync)).ConfigureAwait(false);
        }
    }

    /// <summary>Keeps the order of the system but alternates between the address families, because both rarely fail together.</summary>
    private static IPAddress[] Alternate(IPAddress[] addresses) =>
    [
        .. addresses.Distinct().GroupBy(address => address.AddressFamily)
            .SelectMany(family => family.Select((address, place) => (address, place)))
            .OrderBy(entry => entry.place)
            .Select(entry => entry.address),
    ];

    public static async Task<Stream> ConnectSocketAsync(IPEndPoint address, CancellationToken cancellationToken)
    {
        Socket socket = new(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(address, cancellationToken).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Closes a connection that was established too late.</summary>
    private static async Task CloseAsync(Task<Stream> lost)
    {
        try
        {
            await (await lost.ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (e is SocketException or IOException or OperationCanceledException)
        {
            // The attempt was canceled or failed.
        }
    }
}
