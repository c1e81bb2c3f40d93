namespace ShakenFist.Blobs;

/// <summary>The format of a graph of references.</summary>
public enum SfGraphFormat
{
    /// <summary>A Mermaid flowchart, which many wikis and code hosts render.</summary>
    Mermaid,

    /// <summary>The DOT language of Graphviz.</summary>
    Dot,

    /// <summary>A self-contained HTML page.</summary>
    Html,
}
