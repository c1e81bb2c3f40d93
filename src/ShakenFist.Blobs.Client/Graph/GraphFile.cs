using System.Text;
using ShakenFist.Blobs.Files;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Graph;

/// <summary>The file of a graph.</summary>
internal static class GraphFile
{
    private static readonly string[] MarkdownExtensions = [".md", ".markdown"];

    /// <summary>Gets the format for the extension of a file name, or null.</summary>
    public static SfGraphFormat? FormatOf(string path) => Path.GetExtension(path).ToLowerInvariant() switch
    {
        ".mmd" or ".mermaid" or ".md" or ".markdown" => SfGraphFormat.Mermaid,
        ".dot" or ".gv" => SfGraphFormat.Dot,
        ".html" or ".htm" => SfGraphFormat.Html,
        _ => null,
    };

    /// <summary>Gets the content of the file. In a Markdown file, the diagram is in a fenced block.</summary>
    public static string Content(BlobGraph graph, SfGraphFormat format, string path)
    {
        string text = graph.Write(format);
        bool fenced = format == SfGraphFormat.Mermaid && MarkdownExtensions.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase);
        return fenced ? $"```mermaid\n{text}```\n" : text;
    }

    /// <summary>Checks whether the file can be written.</summary>
    /// <returns>The path of the file. If the path is a link, the path of its target.</returns>
    /// <exception cref="SfException">The file exists and must not be replaced, or the path cannot be a file.</exception>
    public static string Check(string path, bool replace)
    {
        TargetFile target = TargetFile.Inspect(path);
        return target.Length is null || replace ? target.Path : throw new SfException(SfErrors.TargetExists, $"'{target.Path}' already exists.");
    }

    /// <summary>Writes the file to a temporary name and renames it, so that it is never incomplete.</summary>
    /// <exception cref="SfException">The file cannot be written.</exception>
    public static void Write(string path, string content, bool replace)
    {
        string beside = $"{path}.{Path.GetRandomFileName()}";
        try
        {
            using (FileStream file = new(beside, FileMode.CreateNew, FileAccess.Write, FileShare.None))
            {
                file.Write(Encoding.UTF8.GetBytes(content));
                file.Flush(flushToDisk: true);
            }

            File.Move(beside, path, replace);
        }
        catch (Exception e) when (FileErrors.IsFileFailure(e))
        {
            Remove(beside);
            throw !replace && File.Exists(path) ? new SfException(SfErrors.TargetExists, $"'{path}' was created by another process while the graph was being made.", e) : FileErrors.Of(e, path);
        }
    }

    private static void Remove(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (FileErrors.IsFileFailure(e))
        {
            // The first failure is reported.
        }
    }
}
