namespace ShakenFist.Blobs.Transfer;

/// <summary>Where the bytes of a window go, by their offset in the blob. Until the window is accepted they may be written again.</summary>
internal interface IWindowTarget
{
    /// <summary>Puts bytes in their place.</summary>
    void Write(ReadOnlySpan<byte> bytes, long offset);

    /// <summary>Reads back bytes that were written.</summary>
    void Read(Span<byte> bytes, long offset);
}
