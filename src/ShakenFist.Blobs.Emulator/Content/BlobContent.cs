namespace ShakenFist.Blobs.Emulator;

/// <summary>The data of a blob. Several readers can read it from any position in parallel.</summary>
public abstract class BlobContent
{
    public abstract long Length { get; }

    /// <summary>Fills the whole buffer from <paramref name="offset"/>. The range must be within <see cref="Length"/>.</summary>
    public abstract void Read(long offset, Span<byte> buffer);
}

/// <summary>Data in memory.</summary>
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

/// <summary>A file. It is opened when it is first used. Readers read from positions, so that they can run in parallel.</summary>
public sealed class FileContent(string path) : BlobContent, IDisposable
{
    private readonly Lazy<Microsoft.Win32.SafeHandles.SafeFileHandle> _file = new(() => File.OpenHandle(path));

    /// <summary>Gets the current length of the file, which can change while the record stays the same, as in a real cluster.</summary>
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
