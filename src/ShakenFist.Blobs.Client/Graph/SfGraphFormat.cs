namespace ShakenFist.Blobs;

/// <summary>How a graph of references is written.</summary>
public enum SfGraphFormat
{
    /// <summary>A Mermaid flowchart, which many wikis and code hosts draw.</summary>
    Mermaid,

    /// <summary>The DOT language of Graphviz.</summary>
    Dot,

    /// <summary>One HTML page that draws the graph and needs nothing else.</summary>
    Html,
}
