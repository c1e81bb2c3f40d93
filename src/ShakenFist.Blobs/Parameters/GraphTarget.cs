using System.Management.Automation;
using ShakenFist.Blobs.Graph;
using ShakenFist.Blobs.Pipeline;

namespace ShakenFist.Blobs.Parameters;

/// <summary>Contains the target and the format of a graph: a file, or the pipeline if no file is specified.</summary>
internal sealed record GraphTarget(string? File, SfGraphFormat Format)
{
    /// <summary>Resolves the path through PowerShell's providers and drives.</summary>
    /// <exception cref="SfException">The path is not the path of a file that can be written, or its extension does not specify a format.</exception>
    public static GraphTarget Resolve(SessionState state, string? path, string? literalPath, SfGraphFormat? format, bool replace)
    {
        if ((literalPath ?? path) is not { } given)
        {
            return new GraphTarget(null, format ?? SfGraphFormat.Mermaid);
        }

        string file = path is not null && WildcardPattern.ContainsWildcardCharacters(path) ? Existing(state, path) : Literal(state, literalPath ?? WildcardPattern.Unescape(path!));
        return new GraphTarget(
            GraphFile.Check(file, replace),
            format ?? GraphFile.FormatOf(file) ?? throw new SfException(SfErrors.GraphFormatUnknown, $"The extension of '{given}' does not specify the format of the graph."));
    }

    /// <summary>Writes the file, or the text to the pipeline.</summary>
    public async Task WriteAsync(BlobGraph graph, bool replace, bool passThru, PipelineSink sink)
    {
        if (File is null)
        {
            await sink.WriteObjectAsync(graph.Write(Format)).ConfigureAwait(false);
            return;
        }

        GraphFile.Write(File, GraphFile.Content(graph, Format, File), replace);
        if (passThru)
        {
            await sink.WriteObjectAsync(new FileInfo(File)).ConfigureAwait(false);
        }
    }

    private static string Literal(SessionState state, string path) =>
        FileSystemPath.Resolve(path, () => ([state.Path.GetUnresolvedProviderPathFromPSPath(path, out ProviderInfo provider, out _)], provider))[0];

    private static string Existing(SessionState state, string path)
    {
        string[] found = FileSystemPath.Resolve(path, () => ([.. state.Path.GetResolvedProviderPathFromPSPath(path, out ProviderInfo provider)], provider));
        return found.Length == 1 ? found[0] : throw new SfException(SfErrors.PathAmbiguous, $"'{path}' does not match exactly one existing file.");
    }
}
