namespace ShakenFist.Blobs;

/// <summary>How many connections all transfers that share this may have open at a time, and how many bytes they may receive in a second.</summary>
public sealed class SfTransferLimits
{
    /// <summary>Connections where nothing else is said.</summary>
    public const int DefaultConnections = 4;

    /// <summary>Connections that may be asked for.</summary>
    public const int MostConnections = 16;

    /// <summary>Makes limits for any number of transfers.</summary>
    /// <param name="connections">Connections at a time, 1 to 16. Fewer are used where the cluster asks for that or where more bring nothing.</param>
    /// <param name="bytesPerSecond">Bytes per second of all of them together; null for no limit.</param>
    /// <param name="time">The clock; null for the system's.</param>
    public SfTransferLimits(int connections = DefaultConnections, long? bytesPerSecond = null, TimeProvider? time = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(connections, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(connections, MostConnections);
        if (bytesPerSecond is { } rate)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(rate, 1, nameof(bytesPerSecond));
        }

        Connections = connections;
        BytesPerSecond = bytesPerSecond;
        _ = time;
    }

    /// <summary>Connections at a time.</summary>
    public int Connections { get; }

    /// <summary>Bytes per second, or null.</summary>
    public long? BytesPerSecond { get; }
}
