using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using ShakenFist.Blobs.Files;

namespace ShakenFist.Blobs.Transfer;

/// <summary>Hashes a local file. The next block is read while the previous one is hashed.</summary>
internal static class FileHasher
{
    private const int BlockBytes = 1024 * 1024;

    /// <summary>Returns the hash of the whole file. <paramref name="hashed"/> receives the number of bytes hashed so far.</summary>
    /// <exception cref="SfException">The file cannot be read.</exception>
    public static async Task<byte[]> HashAsync(string path, HashAlgorithm algorithm, Action<long>? hashed, CancellationToken cancellationToken)
    {
        try
        {
            FileSystemEvents.Raise(FileOperation.Open, path);
            using SafeFileHandle file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read, FileOptions.SequentialScan);
            return await HashAsync(file, path, algorithm, hashed, cancellationToken).ConfigureAwait(false);
        }
        catch (FileNotFoundException e)
        {
            throw new SfException(SfErrors.FileNotFound, $"The file '{path}' does not exist.", e);
        }
        catch (Exception e) when (FileErrors.IsFileFailure(e))
        {
            throw FileErrors.Of(e, path);
        }
    }

    /// <summary>Returns the hash of an open file.</summary>
    /// <exception cref="SfException">The file cannot be read.</exception>
    public static async Task<byte[]> HashAsync(SafeFileHandle file, string path, HashAlgorithm algorithm, Action<long>? hashed, CancellationToken cancellationToken)
    {
        try
        {
            byte[] current = new byte[BlockBytes];
            byte[] next = new byte[BlockBytes];
            long position = 0;
            int count = await RandomAccess.ReadAsync(file, current, position, cancellationToken).ConfigureAwait(false);
            while (count > 0)
            {
                position += count;
                FileSystemEvents.Raise(FileOperation.Read, path);
                ValueTask<int> reading = RandomAccess.ReadAsync(file, next, position, cancellationToken);
                algorithm.TransformBlock(current, 0, count, null, 0);
                hashed?.Invoke(position);
                count = await reading.ConfigureAwait(false);
                (current, next) = (next, current);
            }

            algorithm.TransformFinalBlock([], 0, 0);
            return algorithm.Hash!;
        }
        catch (Exception e) when (FileErrors.IsFileFailure(e))
        {
            throw FileErrors.Of(e, path);
        }
    }
}
