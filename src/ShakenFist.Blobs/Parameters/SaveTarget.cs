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

    // The blob of each file name without an extension. Case is ignored on every system, so that the names are the same on all of them.
    private readonly Dictionary<string, Guid> _stems = new(StringComparer.OrdinalIgnoreCase);

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

    /// <summary>
    /// Reserves the file of a blob of this pipeline, on the pipeline thread, so that the first blob gets the name. Returns a function that gets the path of the file when
    /// the format of the blob is known.
    /// </summary>
    /// <param name="blob">The blob, of which only the UUID and the origin must be known.</param>
    /// <exception cref="SfException"><see cref="SfErrors.TargetRepeated"/> if another blob of this pipeline already has the file.</exception>
    public Func<SfBlob, string> Reserve(SfBlob blob)
    {
        if (_isDirectory)
        {
            string? stem = BlobFileName.StemOf(blob) is { } name ? ReserveStem(name, blob.Uuid) : null;
            return record => Path.Combine(_path, stem is null ? BlobFileName.Of(record) : stem + BlobFileName.ExtensionOf(record));
        }

        if (_taken.TryGetValue(_path, out Guid other) && other != blob.Uuid)
        {
            throw new SfException(SfErrors.TargetRepeated, $"Blob {blob.Uuid:D} and blob {other:D} would both be saved as '{_path}'.");
        }

        _taken[_path] = blob.Uuid;
        return _ => _path;
    }

    /// <summary>Reserves a file name without an extension. A second blob of the same name gets the start of its UUID, and then the whole UUID, as a suffix.</summary>
    private string ReserveStem(string stem, Guid blob)
    {
        string uuid = blob.ToString("D");
        return ((string[])[stem, $"{stem}-{uuid[..8]}", $"{stem}-{uuid}"]).First(name => _stems.TryAdd(name, blob) || _stems[name] == blob);
    }

    private static string ResolveWildcards(SessionState state, string path)
    {
        string[] found = FileSystemPath.Resolve(path, () => ([.. state.Path.GetResolvedProviderPathFromPSPath(path, out ProviderInfo provider)], provider));
        return found.Length == 1 && Directory.Exists(found[0])
            ? found[0]
            : throw new SfException(SfErrors.PathAmbiguous, $"'{path}' does not match exactly one existing directory.");
    }
}
