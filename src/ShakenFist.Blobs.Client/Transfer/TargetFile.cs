using System.Security.Cryptography;

namespace ShakenFist.Blobs.Transfer;

/// <summary>The file a blob is to become: what is there now, and whether it may be replaced.</summary>
internal sealed record TargetFile
{
    private TargetFile(string path, long? length, DateTime lastWriteTime)
    {
        Path = path;
        Length = length;
        LastWriteTime = lastWriteTime;
    }

    /// <summary>Full path of the file itself: a symbolic link has been followed, so that it stays a link.</summary>
    public string Path { get; }

    /// <summary>Length of the file that is there now, or null if there is none.</summary>
    public long? Length { get; }

    /// <summary>When that file was last written to, UTC.</summary>
    public DateTime LastWriteTime { get; }

    /// <summary>Looks at a full path.</summary>
    /// <exception cref="SfException">It is a directory or a device, or its directory does not exist.</exception>
    public static TargetFile Inspect(string path)
    {
        try
        {
            FileInfo file = new(path);
            if (file.LinkTarget is not null && file.ResolveLinkTarget(returnFinalTarget: true) is { } final)
            {
                file = new FileInfo(final.FullName);
            }

            if (Directory.Exists(file.FullName))
            {
                throw new SfException(SfErrors.TargetNotFile, $"'{path}' is a directory.");
            }

            if (file.Name.EndsWith(PartialFile.Suffix, StringComparison.Ordinal) || file.Name.EndsWith(TransferJournal.Suffix, StringComparison.Ordinal))
            {
                throw new SfException(SfErrors.TargetNotFile, $"'{path}' has the name of a file that a transfer keeps while it is under way.");
            }

            if (FileKind.OddityOf(file.FullName) is { } oddity)
            {
                throw new SfException(SfErrors.TargetNotFile, $"'{path}' is {oddity}, not a file.");
            }

            if (IsAmongDevices(file.FullName))
            {
                throw new SfException(SfErrors.TargetNotFile, $"'{path}' is among the devices, where a file would fill the memory.");
            }

            if (file.Directory is { Exists: false })
            {
                throw new SfException(SfErrors.DirectoryNotFound, $"The directory '{file.DirectoryName}' does not exist.");
            }

            return new TargetFile(file.FullName, file.Exists ? file.Length : null, file.LastWriteTimeUtc);
        }
        catch (Exception e) when (FileErrors.IsFileFailure(e))
        {
            throw FileErrors.Of(e, path);
        }
    }

    /// <summary>Whether the file that is there has this length and this hash.</summary>
    public async Task<bool> HoldsAsync(long length, PublishedHash hash, HashAlgorithm algorithm, Action<long>? hashed, CancellationToken cancellationToken) =>
        Length == length && hash.Matches(await FileHasher.HashAsync(Path, algorithm, hashed, cancellationToken).ConfigureAwait(false));

    /// <summary>The name of a device that is not there, as it is mistyped.</summary>
    private static bool IsAmongDevices(string path) =>
        path.StartsWith("/dev/", StringComparison.Ordinal) && !path.StartsWith("/dev/shm/", StringComparison.Ordinal);
}
