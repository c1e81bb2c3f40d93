using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using ShakenFist.Blobs.Files;

namespace ShakenFist.Blobs.Transfer;

/// <summary>The file that is published. It is opened once, and other programs can only read it. A change of its size, time, or identity is an error.</summary>
internal sealed class SourceFile : IDisposable
{
    private readonly SafeFileHandle _file;

    private SourceFile(string path, SafeFileHandle file)
    {
        _file = file;
        Path = path;
        Identity = FileStatus.Of(file).Identity;
        Size = RandomAccess.GetLength(file);
        Modified = File.GetLastWriteTimeUtc(file);
    }

    public string Path { get; }

    public long Size { get; }

    /// <summary>The UTC time of the last write.</summary>
    public DateTime Modified { get; }

    public FileIdentity Identity { get; }

    /// <summary>Opens the file.</summary>
    /// <exception cref="SfException">It does not exist, is empty, or is not a file that can be published.</exception>
    public static SourceFile Open(string path)
    {
        SafeFileHandle? handle = null;
        try
        {
            if ((Directory.Exists(path) ? "a directory" : FileKind.GetSpecialFileKind(path)) is { } kind)
            {
                throw new SfException(SfErrors.FileNotFound, $"Cannot publish '{path}': it is {kind}, not a file.");
            }

            FileSystemEvents.Raise(FileOperation.Open, path);
            handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read, FileOptions.SequentialScan);
            SourceFile file = new(path, handle);
            if (file.Size == 0)
            {
                throw new SfException(SfErrors.FileEmpty, $"Cannot publish '{path}': the file is empty.");
            }

            handle = null;
            return file;
        }
        catch (FileNotFoundException e)
        {
            throw new SfException(SfErrors.FileNotFound, $"The file '{path}' does not exist.", e);
        }
        catch (Exception e) when (FileErrors.IsFileFailure(e))
        {
            throw FileErrors.Of(e, path);
        }
        finally
        {
            handle?.Dispose();
        }
    }

    /// <summary>Reads the bytes at an offset. They must exist.</summary>
    public async Task ReadAsync(Memory<byte> buffer, long offset, CancellationToken cancellationToken)
    {
        try
        {
            while (!buffer.IsEmpty)
            {
                FileSystemEvents.Raise(FileOperation.Read, Path);
                int read = await RandomAccess.ReadAsync(_file, buffer, offset, cancellationToken).ConfigureAwait(false);
                if (read == 0)
                {
                    throw Changed("became shorter");
                }

                buffer = buffer[read..];
                offset += read;
            }
        }
        catch (Exception e) when (FileErrors.IsFileFailure(e))
        {
            throw FileErrors.Of(e, Path);
        }
    }

    /// <summary>Returns the SHA-512 hash of the file in hexadecimal digits.</summary>
    public async Task<string> HashAsync(Action<long> hashed, CancellationToken cancellationToken)
    {
        using SHA512 sha512 = SHA512.Create();
        string hash = PublishedHash.Write(await FileHasher.HashAsync(_file, Path, sha512, hashed, cancellationToken).ConfigureAwait(false));
        ThrowIfChanged();
        return hash;
    }

    /// <summary>Checks that the file is the one that was opened.</summary>
    /// <exception cref="SfException"><see cref="SfErrors.FileChanged"/>.</exception>
    public void ThrowIfChanged()
    {
        try
        {
            string target = File.ResolveLinkTarget(Path, returnFinalTarget: true)?.FullName ?? Path;
            if (RandomAccess.GetLength(_file) != Size || File.GetLastWriteTimeUtc(_file) != Modified)
            {
                throw Changed("was written to");
            }

            if (!FileStatus.IsAt(Identity, target))
            {
                throw Changed("was replaced or removed");
            }
        }
        catch (FileNotFoundException)
        {
            throw Changed("was removed");
        }
        catch (Exception e) when (FileErrors.IsFileFailure(e))
        {
            throw FileErrors.Of(e, Path);
        }
    }

    public void Dispose() => _file.Dispose();

    private SfException Changed(string how) => new(SfErrors.FileChanged, $"Cannot publish '{Path}': the file {how} while it was being read. The artifact was not changed.");
}
