namespace ShakenFist.Blobs.Transfer;

/// <summary>Receives the bytes of data requests by their offset in the blob. Until they are validated they may be written again.</summary>
internal interface IDataTarget
{
    /// <summary>Puts bytes in their place.</summary>
    void Write(ReadOnlySpan<byte> bytes, long offset);

    /// <summary>Reads back bytes that were written.</summary>
    /// <returns>How many there are.</returns>
    int Read(Span<byte> bytes, long offset);

    /// <summary>All bytes of the range up to this position have arrived and look right so far. The position may fall again: what follows it is written anew then.</summary>
    void Received(long position);

    /// <summary>All bytes of the range up to this position are valid. It may be lower than before.</summary>
    /// <param name="position">First byte that is not.</param>
    /// <param name="confirmed">
    /// The response that brought the last of them ended as it must, or was checked. If not, only the hash of the blob can tell whether they are right.
    /// </param>
    void Validated(long position, bool confirmed);
}
