namespace ShakenFist.Blobs.Graph.Layout;

/// <summary>A place in a column: the card of a node, or a point through which long lines to one card pass.</summary>
internal sealed class Slot(GraphNode? node, int column)
{
    /// <summary>Gets the node of the card. Null for a point of lines.</summary>
    public GraphNode? Node { get; } = node;

    public int Column { get; } = column;

    public double Height { get; set; }

    /// <summary>Gets or sets the vertical center.</summary>
    public double Y { get; set; }

    /// <summary>Gets the links to the previous column.</summary>
    public List<Link> Left { get; } = [];

    /// <summary>Gets the links to the next column.</summary>
    public List<Link> Right { get; } = [];
}
