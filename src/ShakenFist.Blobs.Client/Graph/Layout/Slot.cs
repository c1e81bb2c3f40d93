namespace ShakenFist.Blobs.Graph.Layout;

/// <summary>A place in a column: a node's card, or a point where long lines to one card pass.</summary>
internal sealed class Slot(GraphNode? node, int column)
{
    /// <summary>The node whose card is here; null where lines pass.</summary>
    public GraphNode? Node { get; } = node;

    public int Column { get; } = column;

    public double Height { get; set; }

    /// <summary>Middle of its height.</summary>
    public double Y { get; set; }

    /// <summary>Links to the column before.</summary>
    public List<Link> Left { get; } = [];

    /// <summary>Links to the column after.</summary>
    public List<Link> Right { get; } = [];
}
