using Microsoft.Win32.SafeHandles;
using ShakenFist.Blobs.Files;

namespace ShakenFist.Blobs.Images;

/// <summary>An image in a local file, which other processes can use at the same time.</summary>
internal sealed class FileImageSource : IImageSource, IDisposable
{
    private readonly string _path;
    private readonly SafeFileHandle _file;

    /// <exception cref="SfException">The file cannot be opened.</exception>
    public FileImageSource(string path)
    {
        _path = path;
        try
        {
            _file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.Asynchronous);
            Length = RandomAccess.GetLength(_file);
        }
        catch (Exception e) when (FileErrors.IsFileFailure(e))
        {
            _file?.Dispose();
            throw FileErrors.Of(e, path);
        }
    }

    public long Length { get; }

    /// <exception cref="SfException">The file cannot be read.</exception>
    public async ValueTask<ReadOnlyMemory<byte>> ReadAsync(long offset, int count, CancellationToken cancellationToken)
    {
        try
        {
            Memory<byte> bytes = new byte[count];
            int filled = 0;
            int read;
            do
            {
                read = await RandomAccess.ReadAsync(_file, bytes[filled..], offset + filled, cancellationToken).ConfigureAwait(false);
                filled += read;
            }
            while (read > 0 && filled < count);

            return bytes[..filled];
        }
        catch (Exception e) when (FileErrors.IsFileFailure(e))
        {
            throw FileErrors.Of(e, _path);
        }
    }

    public void Dispose() => _file.Dispose();
}
