namespace ShakenFist.Blobs.Graph.Layout;

/// <summary>Determines where lines meet the sides of a card, with space for their labels and in the order of their other ends.</summary>
internal static class Ports
{
    private const double LabelledHeight = 17;
    private const double TwoLabelsHeight = 29;
    private const double AboveLine = 13;
    private const double Ends = 20;

    // Lines without labels are close together, so that a card with hundreds of lines does not become too high.
    private const double UnlabelledHeight = 9;
    private const double MaxUnlabelledHeight = 150;

    /// <summary>Gets the height that a card requires for the lines of one side.</summary>
    public static double RequiredHeight(List<Link> links, bool right) => Heights(links, right).Sum() + Ends;

    /// <summary>Places the lines of both sides.</summary>
    public static void Place(Slot slot)
    {
        PlaceSide(slot, [.. slot.Left.OrderBy(link => link.From.Y)], right: false, (link, y) => link.ToY = y);
        PlaceSide(slot, [.. slot.Right.OrderBy(link => link.To.Y)], right: true, (link, y) => link.FromY = y);
    }

    private static void PlaceSide(Slot slot, List<Link> links, bool right, Action<Link, double> place)
    {
        double[] heights = [.. Heights(links, right)];
        double y = slot.Y - heights.Sum() / 2;
        for (int i = 0; i < heights.Length; i++)
        {
            // The relationship of a label is above its line. A single line starts at the center.
            double line = heights[i] < LabelledHeight ? heights[i] / 2 : AboveLine;
            place(links[i], slot.Node is null || heights.Length == 1 ? slot.Y : y + line);
            y += heights[i];
        }
    }

    private static IEnumerable<double> Heights(List<Link> links, bool right)
    {
        double bare = Math.Min(UnlabelledHeight, MaxUnlabelledHeight / Math.Max(1, links.Count));
        return links.Select(link => link.Edge is null || link.LabelAtTo == right ? bare : link.Edge.Value is null ? LabelledHeight : TwoLabelsHeight);
    }
}
