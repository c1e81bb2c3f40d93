using System.Management.Automation;
using ShakenFist.Blobs.Files;

namespace ShakenFist.Blobs.Parameters;

/// <summary>Converts -Path and -LiteralPath to full paths of existing local files, through PowerShell's providers and drives.</summary>
internal static class LocalFiles
{
    /// <summary>Gets the files that a path matches. A pattern can match none.</summary>
    /// <exception cref="SfException">The file does not exist, or it is not on a file system.</exception>
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
            : throw new SfException(SfErrors.FileNotFound, (Directory.Exists(found[0]) ? "a directory" : FileKind.GetSpecialFileKind(found[0])) is { } kind
                ? $"'{path}' is {kind}, not a file."
                : $"The file '{path}' does not exist.");
    }

    /// <summary>Block devices can be read like files. Opening a pipe waits for the other end, and Ctrl+C does not stop that.</summary>
    private static bool IsFile(string path) => File.Exists(path) && FileKind.GetSpecialFileKind(path) is null or FileKind.BlockDevice;
}
