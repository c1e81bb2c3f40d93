namespace ShakenFist.Blobs.Graph.Layout;

/// <summary>Determines the vertical position of each slot: as close to its neighbors as the order and the space in its column allow.</summary>
internal static class Spacing
{
    private const int Sweeps = 16;
    private const double CardGap = 22;
    private const double PassGap = 12;

    // Straight lines are more important than cards that are centered between their neighbors.
    private const double PassWeight = 6;

    public static void Arrange(IReadOnlyList<List<Slot>> columns)
    {
        foreach (List<Slot> column in columns)
        {
            Place(column, [.. column.Select(_ => 0.0)]);
        }

        for (int sweep = 0; sweep < Sweeps; sweep++)
        {
            foreach (List<Slot> column in columns)
            {
                Place(column, [.. column.Select(s => Mean(s.Left.Select(l => l.From.Y), s.Y))]);
            }

            foreach (List<Slot> column in columns.Reverse())
            {
                Place(column, [.. column.Select(s => Mean(s.Right.Select(l => l.To.Y), s.Y))]);
            }
        }

        foreach (List<Slot> column in columns)
        {
            Place(column, [.. column.Select(s => Mean(s.Left.Select(l => l.From.Y).Concat(s.Right.Select(l => l.To.Y)), s.Y))]);
        }
    }

    private static double Mean(IEnumerable<double> neighbours, double own) => neighbours.DefaultIfEmpty(own).Average();

    /// <summary>
    /// Gets the positions closest to the desired ones, by least squares, that keep the order and the distances. Without the distances, this is isotonic regression, solved
    /// by pooling adjacent positions in the wrong order.
    /// </summary>
    private static void Place(List<Slot> column, double[] wished)
    {
        double[] offsets = new double[column.Count];
        for (int i = 1; i < column.Count; i++)
        {
            offsets[i] = offsets[i - 1] + Distance(column[i - 1], column[i]);
        }

        Stack<(double Mean, double Weight, int Count)> pools = [];
        for (int i = 0; i < column.Count; i++)
        {
            (double mean, double weight, int count) = (wished[i] - offsets[i], column[i].Node is null ? PassWeight : 1, 1);
            while (pools.TryPeek(out (double Mean, double Weight, int Count) before) && before.Mean >= mean)
            {
                pools.Pop();
                mean = (mean * weight + before.Mean * before.Weight) / (weight + before.Weight);
                weight += before.Weight;
                count += before.Count;
            }

            pools.Push((mean, weight, count));
        }

        int at = 0;
        foreach ((double mean, _, int count) in pools.Reverse())
        {
            for (int end = at + count; at < end; at++)
            {
                column[at].Y = mean + offsets[at];
            }
        }
    }

    private static double Distance(Slot above, Slot below) =>
        (above.Height + below.Height) / 2 + (above.Node is null || below.Node is null ? PassGap : CardGap);
}
