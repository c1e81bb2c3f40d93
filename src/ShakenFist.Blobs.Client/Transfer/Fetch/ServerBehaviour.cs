namespace ShakenFist.Blobs.Transfer;

/// <summary>What is known of how the server answers data requests. Replaced as a whole when it turns out to be otherwise.</summary>
/// <param name="KnowsLimit">The server announces the parameter <c>limit</c>.</param>
/// <param name="KeepsLimit">It has not been seen to send more than the limit.</param>
/// <param name="KeepsOffset">It has not been seen to start elsewhere than at the requested offset.</param>
/// <param name="Buffers">The last response announced its length, which a server can that has read all of it into memory.</param>
internal sealed record ServerBehaviour(bool KnowsLimit, bool KeepsLimit = true, bool KeepsOffset = true, bool Buffers = false)
{
    /// <summary>Whether requests name a limit.</summary>
    public bool UsesLimit => KnowsLimit && KeepsLimit;
}
