using System.Security.Cryptography;
using ShakenFist.Blobs.Files;

namespace ShakenFist.Blobs.Transfer;

/// <summary>The current state of the target of a transfer.</summary>
internal sealed record TargetFile
{
    private TargetFile(string path, long? length, DateTime lastWriteTime)
    {
        Path = path;
        Length = length;
        LastWriteTime = lastWriteTime;
    }

    /// <summary>Full path of the file. Symbolic links have been resolved, so a link is kept when its file is replaced.</summary>
    public string Path { get; }

    /// <summary>Length of the existing file, or null if there is none.</summary>
    public long? Length { get; }

    /// <summary>When the existing file was last written, in UTC.</summary>
    public DateTime LastWriteTime { get; }

    /// <summary>Gets the state of the file at a full path.</summary>
    /// <exception cref="SfException">The path is a directory or a device, or its directory does not exist.</exception>
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

            if (TargetNameRules.Current.HasReservedSuffix(file.Name))
            {
                throw new SfException(SfErrors.TargetNotFile,
                    $"'{path}' ends in {PartialDownload.Suffix}, {TransferJournal.Suffix}, or {TransferJournal.NewSuffix}, which are reserved for temporary files.");
            }

            if (TargetNameRules.Current.FindProblem(path) is { } problem)
            {
                throw new SfException(SfErrors.TargetNotFile, $"'{path}' {problem}");
            }

            if (FileKind.GetSpecialFileKind(file.FullName) is { } kind)
            {
                throw new SfException(SfErrors.TargetNotFile, $"'{path}' is {kind}, not a file.");
            }

            if (IsAmongDevices(file.FullName))
            {
                throw new SfException(SfErrors.TargetNotFile, $"'{path}' is in /dev, which is not a directory for ordinary files.");
            }

            if (file.Directory is { Exists: false })
            {
                throw new SfException(SfErrors.DirectoryNotFound, $"The directory '{file.DirectoryName}' does not exist.");
            }

            if (TransferNames.NameToRecord(file.FullName) is not null)
            {
                // The names of the temporary files are shorter. If the file system does not permit this name, that must be found out before any data is fetched.
                _ = FileStatus.At(file.FullName);
            }

            return new TargetFile(file.FullName, file.Exists ? file.Length : null, file.LastWriteTimeUtc);
        }
        catch (Exception e) when (FileErrors.IsFileFailure(e))
        {
            throw FileErrors.Of(e, path);
        }
    }

    /// <summary>Whether the existing file has this length and this hash.</summary>
    public async Task<bool> HoldsAsync(long length, PublishedHash hash, HashAlgorithm algorithm, Action<long>? hashed, CancellationToken cancellationToken) =>
        Length == length && hash.Matches(await FileHasher.HashAsync(Path, algorithm, hashed, cancellationToken).ConfigureAwait(false));

    /// <summary>Whether the path is in the directory of the devices, such as a mistyped device name.</summary>
    private static bool IsAmongDevices(string path) =>
        path.StartsWith("/dev/", StringComparison.Ordinal) && !path.StartsWith("/dev/shm/", StringComparison.Ordinal);
}
