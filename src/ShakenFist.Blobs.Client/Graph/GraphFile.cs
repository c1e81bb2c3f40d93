using System.Text;
using ShakenFist.Blobs.Files;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Graph;

/// <summary>The file that a graph is written to.</summary>
internal static class GraphFile
{
    private static readonly string[] MarkdownExtensions = [".md", ".markdown"];

    /// <summary>The format that a file name asks for, or null.</summary>
    public static SfGraphFormat? FormatOf(string path) => Path.GetExtension(path).ToLowerInvariant() switch
    {
        ".mmd" or ".mermaid" or ".md" or ".markdown" => SfGraphFormat.Mermaid,
        ".dot" or ".gv" => SfGraphFormat.Dot,
        ".html" or ".htm" => SfGraphFormat.Html,
        _ => null,
    };

    /// <summary>The file's content: in a Markdown file the diagram stands in a fenced block.</summary>
    public static string Content(BlobGraph graph, SfGraphFormat format, string path)
    {
        string text = graph.Write(format);
        bool fenced = format == SfGraphFormat.Mermaid && MarkdownExtensions.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase);
        return fenced ? $"```mermaid\n{text}```\n" : text;
    }

    /// <summary>Looks whether the file may be written.</summary>
    /// <returns>The path of the file itself where the given one is a link.</returns>
    /// <exception cref="SfException">It exists and may not be replaced, or cannot be a file.</exception>
    public static string Check(string path, bool replace)
    {
        TargetFile target = TargetFile.Inspect(path);
        return target.Length is null || replace ? target.Path : throw new SfException(SfErrors.TargetExists, $"'{target.Path}' exists.");
    }

    /// <summary>Writes the file whole or not at all: beside its place first, and then into it.</summary>
    /// <exception cref="SfException">The file system does not let it.</exception>
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
            // The failure that led here is the news.
        }
    }
}
