namespace ShakenFist.Blobs.Emulator;

/// <summary>Bytes that can be read from any position, by many readers at once.</summary>
public abstract class BlobContent
{
    public abstract long Length { get; }

    /// <summary>Fills the whole buffer from <paramref name="offset"/>; the caller stays within <see cref="Length"/>.</summary>
    public abstract void Read(long offset, Span<byte> buffer);
}

/// <summary>Bytes held in memory.</summary>
public sealed class MemoryContent(ReadOnlyMemory<byte> data) : BlobContent
{
    public override long Length => data.Length;

    public override void Read(long offset, Span<byte> buffer) => data.Span.Slice((int)offset, buffer.Length).CopyTo(buffer);
}

/// <summary>Zeros of any length.</summary>
public sealed class ZeroContent(long length) : BlobContent
{
    public override long Length => length;

    public override void Read(long offset, Span<byte> buffer) => buffer.Clear();
}

/// <summary>A file, opened at first use and read at positions, so that parallel readers do not disturb each other.</summary>
public sealed class FileContent(string path) : BlobContent, IDisposable
{
    private readonly Lazy<Microsoft.Win32.SafeHandles.SafeFileHandle> _file = new(() => File.OpenHandle(path));

    /// <summary>Asked each time: a file may grow or shrink under a record, as in a real cluster.</summary>
    public override long Length => RandomAccess.GetLength(_file.Value);

    public override void Read(long offset, Span<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            int read = RandomAccess.Read(_file.Value, buffer, offset);
            if (read == 0)
            {
                throw new EndOfStreamException($"'{path}' was truncated while it was being read.");
            }

            buffer = buffer[read..];
            offset += read;
        }
    }

    public void Dispose()
    {
        if (_file.IsValueCreated)
        {
            _file.Value.Dispose();
        }
    }
}
