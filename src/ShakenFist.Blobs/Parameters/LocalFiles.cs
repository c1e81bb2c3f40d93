using System.Management.Automation;
using ShakenFist.Blobs.Files;

namespace ShakenFist.Blobs.Parameters;

/// <summary>Turns -Path and -LiteralPath into full paths of existing local files, through PowerShell's providers and drives.</summary>
internal static class LocalFiles
{
    /// <summary>The files that a path names; a wildcard that matches nothing names none.</summary>
    /// <exception cref="SfException">There is no such file, or it is not on a file system.</exception>
    public static IEnumerable<string> Resolve(SessionState state, string path, bool literal)
    {
        bool wildcards = !literal && WildcardPattern.ContainsWildcardCharacters(path);
        string[] found = FileSystemPath.Resolve(path, () =>
        {
            ProviderInfo provider;
            return wildcards
                ? ([.. state.Path.GetResolvedProviderPathFromPSPath(path, out provider)], provider)
                : ((string[])[state.Path.GetUnresolvedProviderPathFromPSPath(literal ? path : WildcardPattern.Unescape(path), out provider, out _)], provider);
        });
        string[] files = [.. found.Where(IsFile)];
        return files.Length > 0 || wildcards
            ? files
            : throw new SfException(SfErrors.FileNotFound, (Directory.Exists(found[0]) ? "a directory" : FileKind.GetSpecialFileKind(found[0])) is { } oddity
                ? $"'{path}' is {oddity}, not a file."
                : $"There is no file '{path}'.");
    }

    /// <summary>A disk can be read like a file. Whoever opens a pipe waits for its other end, and no Ctrl+C ends that.</summary>
    private static bool IsFile(string path) => File.Exists(path) && FileKind.GetSpecialFileKind(path) is null or FileKind.BlockDevice;
}
