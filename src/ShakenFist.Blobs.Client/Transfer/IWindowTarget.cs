namespace ShakenFist.Blobs.Transfer;

/// <summary>Where the bytes of a window go, by their offset in the blob. Until the window is accepted they may be written again.</summary>
internal interface IWindowTarget
{
    /// <summary>Puts bytes in their place.</summary>
    void Write(ReadOnlySpan<byte> bytes, long offset);

    /// <summary>Reads back bytes that were written.</summary>
    /// <returns>How many there were.</returns>
    int Read(Span<byte> bytes, long offset);

    /// <summary>All bytes of the range up to this one have come, and look right as yet. It may fall again: then what comes after is written anew.</summary>
    void Reached(long position);

    /// <summary>All bytes of the range up to this one are believed: their answers have been seen to their ends. It may fall below what was believed before.</summary>
    void Accepted(long position);
}
