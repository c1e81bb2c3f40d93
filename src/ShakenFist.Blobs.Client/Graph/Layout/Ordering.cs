namespace ShakenFist.Blobs.Graph.Layout;

/// <summary>Orders the slots of each column to reduce line crossings: by the mean position of their neighbors, in several passes.</summary>
internal static class Ordering
{
    private const int Sweeps = 24;

    public static void Arrange(List<Slot>[] columns)
    {
        Gather(columns);
        Slot[][] best = Copy(columns);
        long fewest = Crossings(columns);
        for (int sweep = 0; sweep < Sweeps && fewest > 0; sweep++)
        {
            bool forward = sweep % 2 == 0;
            for (int i = 1; i < columns.Length; i++)
            {
                Sort(columns, forward ? i : columns.Length - 1 - i, forward);
            }

            long crossings = Crossings(columns);
            if (crossings < fewest)
            {
                fewest = crossings;
                best = Copy(columns);
            }
        }

        for (int i = 0; i < columns.Length; i++)
        {
            columns[i] = [.. best[i]];
        }
    }

    /// <summary>Places connected components next to each other.</summary>
    private static void Gather(List<Slot>[] columns)
    {
        Slot[] all = [.. columns.SelectMany(c => c)];
        HashSet<Slot> seen = [];
        Stack<Slot> next = [];
        foreach (List<Slot> column in columns)
        {
            column.Clear();
        }

        foreach (Slot start in all)
        {
            next.Push(start);
            while (next.TryPop(out Slot? slot))
            {
                if (seen.Add(slot))
                {
                    columns[slot.Column].Add(slot);
                    foreach (Slot neighbour in slot.Left.Select(l => l.From).Concat(slot.Right.Select(l => l.To)).Reverse())
                    {
                        next.Push(neighbour);
                    }
                }
            }
        }
    }

    private static void Sort(List<Slot>[] columns, int index, bool forward)
    {
        Dictionary<Slot, int> places = Places(columns[forward ? index - 1 : index + 1]);
        List<Slot> column = columns[index];
        double[] keys = [.. column.Select((slot, own) => (forward ? slot.Left.Select(l => places[l.From]) : slot.Right.Select(l => places[l.To])).DefaultIfEmpty(own).Average())];
        columns[index] = [.. Enumerable.Range(0, column.Count).OrderBy(i => keys[i]).Select(i => column[i])];
    }

    private static long Crossings(List<Slot>[] columns)
    {
        long crossings = 0;
        for (int i = 0; i + 1 < columns.Length; i++)
        {
            Dictionary<Slot, int> places = Places(columns[i + 1]);
            crossings += Inversions(columns[i].SelectMany(slot => slot.Right.Select(l => places[l.To]).Order()), columns[i + 1].Count);
        }

        return crossings;
    }

    /// <summary>Counts the pairs in the wrong order, with a Fenwick tree of the positions so far.</summary>
    private static long Inversions(IEnumerable<int> places, int count)
    {
        int[] tree = new int[count + 1];
        long inversions = 0;
        int met = 0;
        foreach (int place in places)
        {
            int notAfter = 0;
            for (int i = place + 1; i > 0; i -= i & -i)
            {
                notAfter += tree[i];
            }

            inversions += met++ - notAfter;
            for (int i = place + 1; i <= count; i += i & -i)
            {
                tree[i]++;
            }
        }

        return inversions;
    }

    private static Dictionary<Slot, int> Places(List<Slot> column) => column.Select((slot, i) => (slot, i)).ToDictionary(p => p.slot, p => p.i);

    private static Slot[][] Copy(List<Slot>[] columns) => [.. columns.Select(c => c.ToArray())];
}
