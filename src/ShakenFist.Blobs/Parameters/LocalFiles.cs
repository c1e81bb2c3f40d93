using System.Management.Automation;

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
        string[] files = [.. found.Where(File.Exists)];
        return files.Length > 0 || wildcards
            ? files
            : throw new SfException(SfErrors.FileNotFound, Directory.Exists(found[0]) ? $"'{path}' is a directory, not a file." : $"There is no file '{path}'.");
    }
}
