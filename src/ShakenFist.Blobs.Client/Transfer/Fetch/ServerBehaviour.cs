namespace ShakenFist.Blobs.Transfer;

/// <summary>The known behavior of a server for data requests. Replaced as a whole when it changes.</summary>
/// <param name="KnowsLimit">The server announces the parameter <c>limit</c>.</param>
/// <param name="KeepsLimit">The server has not sent more than the limit so far.</param>
/// <param name="KeepsOffset">The server has always started at the requested offset so far.</param>
/// <param name="Buffers">The last response announced its length, which only a server that reads all data into memory first can do.</param>
internal sealed record ServerBehaviour(bool KnowsLimit, bool KeepsLimit = true, bool KeepsOffset = true, bool Buffers = false)
{
    /// <summary>Whether requests contain a limit.</summary>
    public bool UsesLimit => KnowsLimit && KeepsLimit;
}
