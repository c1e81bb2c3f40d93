namespace ShakenFist.Blobs.Transfer;

/// <summary>Receives the bytes of data requests by their offset in the blob. Bytes can be written again until they are validated.</summary>
internal interface IDataTarget
{
    /// <summary>Writes bytes at an offset.</summary>
    void Write(ReadOnlySpan<byte> bytes, long offset);

    /// <summary>Reads back bytes that were written.</summary>
    /// <returns>The number of bytes that were read.</returns>
    int Read(Span<byte> bytes, long offset);

    /// <summary>
    /// Reports that all bytes of the range up to this position have been received and no problem was found so far. If the position decreases, the bytes after it will
    /// be written again.
    /// </summary>
    void Received(long position);

    /// <summary>Reports that all bytes of the range up to this position are valid. The position can be lower than before.</summary>
    /// <param name="position">The first byte that is not valid.</param>
    /// <param name="confirmed">Whether the last response ended as expected or was verified. If not, only the hash of the whole blob can verify the bytes.</param>
    void Validated(long position, bool confirmed);
}
