namespace ShakenFist.Blobs.Emulator;

/// <summary>The condition of another node when the local node fetches a blob from it.</summary>
public enum NodeCondition
{
    /// <summary>The other node responds.</summary>
    Up,

    /// <summary>The other node refuses the connection.</summary>
    Down,

    /// <summary>The other node rejects the service token. Its 401 response is forwarded as data.</summary>
    Unauthorized,

    /// <summary>The front end of the other node responds with 502, which is forwarded as data.</summary>
    BadGateway,

    /// <summary>The name of the other node cannot be resolved.</summary>
    Unresolvable,
}
