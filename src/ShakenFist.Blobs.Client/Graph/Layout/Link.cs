namespace ShakenFist.Blobs.Graph.Layout;

/// <summary>A line across the gap between two neighbouring columns.</summary>
internal sealed class Link(Slot from, Slot to, GraphEdge? edge)
{
    /// <summary>The end in the left column.</summary>
    public Slot From { get; } = from;

    /// <summary>The end in the right column.</summary>
    public Slot To { get; } = to;

    /// <summary>The edge whose label stands at the line; null where several edges share the line.</summary>
    public GraphEdge? Edge { get; } = edge;

    public bool LabelAtTo { get; set; }

    /// <summary>Where the line leaves the left end.</summary>
    public double FromY { get; set; }

    /// <summary>Where it meets the right end.</summary>
    public double ToY { get; set; }
}
