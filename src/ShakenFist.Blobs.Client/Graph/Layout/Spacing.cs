namespace ShakenFist.Blobs.Graph.Layout;

/// <summary>Gives each slot its height on the page: as near to its neighbours as the order and the room of its column allow.</summary>
internal static class Spacing
{
    private const int Sweeps = 16;
    private const double CardGap = 22;
    private const double PassGap = 12;

    // Lines that pass are to run straight, rather than cards to stand in the middle of their neighbours.
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
    /// The places nearest to the wished ones, by least squares, that keep order and distances. With the distances taken out this is isotonic regression, solved
    /// by pooling neighbours that would change places.
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
