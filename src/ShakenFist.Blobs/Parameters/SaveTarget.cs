using System.Management.Automation;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Parameters;

/// <summary>Converts -Path or -LiteralPath to the full path of the file of each blob, through PowerShell's providers and drives.</summary>
internal sealed class SaveTarget
{
    private readonly string _path;
    private readonly bool _isDirectory;

    // The blob of each file in this pipeline.
    private readonly Dictionary<string, Guid> _taken = new(FileNames);

    private SaveTarget(string path, bool isDirectory)
    {
        _path = path;
        _isDirectory = isDirectory;
    }

    /// <summary>Gets the comparer for file names on this system.</summary>
    public static StringComparer FileNames { get; } = OperatingSystem.IsWindows() ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal;

    /// <summary>Resolves the target one time for a pipeline.</summary>
    /// <exception cref="SfException">The target is not on a file system, or its wildcards do not match exactly one directory.</exception>
    public static SaveTarget Resolve(SessionState state, string? path, string? literalPath)
    {
        if (path is null && literalPath is null)
        {
            return new SaveTarget(state.Path.CurrentFileSystemLocation.ProviderPath, isDirectory: true);
        }

        if (path is not null && WildcardPattern.ContainsWildcardCharacters(path))
        {
            return new SaveTarget(ResolveWildcards(state, path), isDirectory: true);
        }

        string given = literalPath ?? WildcardPattern.Unescape(path!);
        string full = FileSystemPath.Resolve(given, () => ([state.Path.GetUnresolvedProviderPathFromPSPath(given, out ProviderInfo provider, out _)], provider))[0];
        bool namesDirectory = Path.EndsInDirectorySeparator(given) || Directory.Exists(full);
        return namesDirectory && !Directory.Exists(full)
            ? throw new SfException(SfErrors.DirectoryNotFound, $"The directory '{full}' does not exist.")
            : new SaveTarget(full, namesDirectory);
    }

    /// <summary>Records a blob of this pipeline, on the pipeline thread, so that the first blob gets the file.</summary>
    /// <exception cref="SfException"><see cref="SfErrors.TargetRepeated"/> if another blob of this pipeline already has the file.</exception>
    public void Reserve(Guid blob)
    {
        // In a directory, each blob has its own file name.
        if (_isDirectory)
        {
            return;
        }

        if (_taken.TryGetValue(_path, out Guid other) && other != blob)
        {
            throw new SfException(SfErrors.TargetRepeated, $"Blob {blob:D} and blob {other:D} would both be saved as '{_path}'.");
        }

        _taken[_path] = blob;
    }

    /// <summary>Gets the path of the file of a blob.</summary>
    public string FileFor(SfBlob blob) => _isDirectory ? Path.Combine(_path, BlobFileName.Of(blob)) : _path;

    private static string ResolveWildcards(SessionState state, string path)
    {
        string[] found = FileSystemPath.Resolve(path, () => ([.. state.Path.GetResolvedProviderPathFromPSPath(path, out ProviderInfo provider)], provider));
        return found.Length == 1 && Directory.Exists(found[0])
            ? found[0]
            : throw new SfException(SfErrors.PathAmbiguous, $"'{path}' does not match exactly one existing directory.");
    }
}
