namespace ShakenFist.Blobs.Graph.Layout;

/// <summary>A line across the gap between two adjacent columns.</summary>
internal sealed class Link(Slot from, Slot to, GraphEdge? edge)
{
    /// <summary>Gets the end in the left column.</summary>
    public Slot From { get; } = from;

    /// <summary>Gets the end in the right column.</summary>
    public Slot To { get; } = to;

    /// <summary>Gets the edge of the label. Null if several edges share the line.</summary>
    public GraphEdge? Edge { get; } = edge;

    public bool LabelAtTo { get; set; }

    /// <summary>Gets or sets the vertical position at the left end.</summary>
    public double FromY { get; set; }

    /// <summary>Gets or sets the vertical position at the right end.</summary>
    public double ToY { get; set; }
}
