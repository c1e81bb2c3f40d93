namespace ShakenFist.Blobs.Emulator;

/// <summary>An upload: bytes on one node that can become a blob.</summary>
public sealed class EmulatedUpload
{
    private GrowingContent? _file;

    public Guid Uuid { get; init; } = Guid.NewGuid();

    /// <summary>The node that has the bytes. Other nodes forward requests to it.</summary>
    public required string Node { get; init; }

    public double CreatedAt { get; init; }

    /// <summary>The bytes. Null before the first append, and after they became a blob.</summary>
    public BlobContent? Content => _file;

    internal Lock Gate { get; } = new();

    /// <returns>The new length.</returns>
    internal long Append(ReadOnlySpan<byte> data)
    {
        lock (Gate)
        {
            return (_file ??= new GrowingContent()).Append(data);
        }
    }

    /// <returns>False if there are no bytes because nothing was appended.</returns>
    internal bool TryTruncate(long length)
    {
        lock (Gate)
        {
            _file?.SetLength(length);
            return _file is not null;
        }
    }

    /// <summary>Takes the bytes away, like the move of the file. An empty file stays, as on the real server.</summary>
    internal BlobContent? Take()
    {
        lock (Gate)
        {
            GrowingContent? file = _file;
            _file = file is { Length: 0 } ? file : null;
            return file;
        }
    }
}
