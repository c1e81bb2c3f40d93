using System.Management.Automation;

namespace ShakenFist.Blobs.Parameters;

/// <summary>Finds interrupted transfers by -Path or -LiteralPath: a directory, a target file, or one of its temporary files.</summary>
internal static class TransferFinder
{
    private static readonly string[] Suffixes = [".sfpart", ".sfjournal"];

    /// <summary>Gets the transfers that the paths match, each with its path. A path that cannot be used is reported.</summary>
    public static IEnumerable<(SfBlobTransfer Transfer, string Path)> FindByPaths(SessionState state, string[] paths, bool literal, bool recurse, Action<SfException, object> report)
    {
        foreach (string path in paths)
        {
            SfBlobTransfer[] found = [];
            try
            {
                found = [.. FindByPath(state, path, literal, recurse)];
            }
            catch (SfException e)
            {
                report(e, path);
            }

            foreach (SfBlobTransfer transfer in found)
            {
                yield return (transfer, path);
            }
        }
    }

    /// <summary>Gets the path of the target of a transfer, which a user can have created by hand.</summary>
    /// <exception cref="SfException">The object has no path.</exception>
    public static string PathOf(SfBlobTransfer transfer) => !string.IsNullOrEmpty(transfer.Path)
        ? transfer.Path
        : throw new SfException(SfErrors.TransferNotFound, "The object has no Path property that contains the target of an interrupted transfer.");

    /// <summary>Gets the transfers that a path matches. A directory or a pattern can match none.</summary>
    /// <exception cref="SfException">No transfer matches the name, or the directory cannot be read.</exception>
    private static IEnumerable<SfBlobTransfer> FindByPath(SessionState state, string path, bool literal, bool recurse)
    {
        if (!literal && WildcardPattern.ContainsWildcardCharacters(path))
        {
            // The target itself may not exist. Its temporary file does, and has a suffix after the name.
            string[] found = [.. Existing(state, path), .. Existing(state, path + Suffixes[0])];
            return found.SelectMany(f => Directory.Exists(f) ? BlobTransferApi.Find(f, recurse) : Of(f)).Concat(FindShortened(state, path)).DistinctBy(t => t.Path);
        }

        string given = literal ? path : WildcardPattern.Unescape(path);
        string full = FileSystemPath.Resolve(given, () => ([state.Path.GetUnresolvedProviderPathFromPSPath(given, out ProviderInfo provider, out _)], provider))[0];
        if (Directory.Exists(full))
        {
            return BlobTransferApi.Find(full, recurse);
        }

        SfBlobTransfer[] one = [.. Of(full)];
        return one.Length > 0 ? one : throw new SfException(SfErrors.TransferNotFound, $"There is no interrupted transfer to '{full}'.");
    }

    /// <summary>Gets the transfers whose target matches a pattern, but whose temporary files have a shortened name with a hash.</summary>
    private static IEnumerable<SfBlobTransfer> FindShortened(SessionState state, string pattern)
    {
        string parent = state.Path.ParseParent(pattern, string.Empty);
        string name = state.Path.ParseChildName(pattern);
        string shortened = $"*~{string.Concat(Enumerable.Repeat("[0-9a-f]", 32))}{Suffixes[0]}";
        WildcardPattern names = new(name, WildcardPattern.ContainsWildcardCharacters(name) ? WildcardOptions.IgnoreCase : WildcardOptions.None);
        return Existing(state, parent.Length > 0 ? state.Path.Combine(parent, shortened) : shortened).SelectMany(Of).Where(t => names.IsMatch(Path.GetFileName(t.Path!)));
    }

    private static string[] Existing(SessionState state, string path) => FileSystemPath.Resolve(path, () =>
    {
        string[] paths = [.. state.Path.GetResolvedProviderPathFromPSPath(path, out ProviderInfo provider)];
        return (paths, provider);
    });

    private static IEnumerable<SfBlobTransfer> Of(string file)
    {
        string target = Suffixes.FirstOrDefault(s => file.EndsWith(s, StringComparison.Ordinal)) is { } suffix ? file[..^suffix.Length] : file;
        return BlobTransferApi.Get(target) is { } transfer ? [transfer] : [];
    }
}
