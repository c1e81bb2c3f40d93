namespace ShakenFist.Blobs.Emulator;

/// <summary>What the asked node meets when it fetches a blob from another one.</summary>
public enum NodeCondition
{
    /// <summary>The other node answers.</summary>
    Up,

    /// <summary>It refuses the connection.</summary>
    Down,

    /// <summary>It refuses the service token: its 401 is passed on as data.</summary>
    Unauthorized,

    /// <summary>Its proxy answers 502, which is passed on as data.</summary>
    BadGateway,

    /// <summary>Its name does not resolve.</summary>
    Unresolvable,
}
