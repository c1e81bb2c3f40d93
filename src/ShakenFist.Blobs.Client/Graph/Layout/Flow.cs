namespace ShakenFist.Blobs.Graph.Layout;

/// <summary>
/// Which way each edge is drawn, and so which column each node is in: what is used stands to the right of what uses it. Circles are opened by drawing an edge
/// of each from right to left. The cluster's nodes stand at the far right, since nearly every blob has lines to them.
/// </summary>
internal sealed class Flow
{
    private readonly List<(int To, int Edge)>[] _out;
    private readonly bool[] _against;
    private readonly List<int> _finished = [];

    public Flow(BlobGraph graph)
    {
        int count = graph.Nodes.Count;
        _out = [.. Enumerable.Range(0, count).Select(_ => new List<(int, int)>())];
        _against = new bool[graph.Edges.Count];
        bool[] hasIncoming = new bool[count];
        foreach (GraphEdge edge in graph.Edges.Where(e => !e.IsLoop))
        {
            _against[edge.Index] = edge.Source.Kind == NodeKind.Node;
            (int from, int to) = Ends(edge);
            _out[from].Add((to, edge.Index));
            hasIncoming[to] = true;
        }

        OpenCircles(Enumerable.Range(0, count).OrderBy(n => hasIncoming[n]));
        Columns = ColumnsOf(graph);
    }

    /// <summary>The column of each node, from the left.</summary>
    public IReadOnlyList<int> Columns { get; }

    /// <summary>Whether the edge's source is at the right end of its line.</summary>
    public bool IsAgainst(GraphEdge edge) => _against[edge.Index];

    /// <summary>Left and right end of the edge's line.</summary>
    public (int From, int To) Ends(GraphEdge edge) =>
        _against[edge.Index] ? (edge.Target.Index, edge.Source.Index) : (edge.Source.Index, edge.Target.Index);

    /// <summary>Depth first, without recursion, since chains may be long. An edge to a node that is still open closes a circle.</summary>
    private void OpenCircles(IEnumerable<int> starts)
    {
        HashSet<int> seen = [];
        HashSet<int> open = [];
        Stack<(int Node, int Next)> path = [];
        foreach (int start in starts)
        {
            if (seen.Add(start))
            {
                open.Add(start);
                path.Push((start, 0));
            }

            while (path.TryPop(out (int Node, int Next) at))
            {
                if (at.Next == _out[at.Node].Count)
                {
                    open.Remove(at.Node);
                    _finished.Add(at.Node);
                    continue;
                }

                path.Push((at.Node, at.Next + 1));
                (int to, int edge) = _out[at.Node][at.Next];
                if (open.Contains(to))
                {
                    _against[edge] = !_against[edge];
                }
                else if (seen.Add(to))
                {
                    open.Add(to);
                    path.Push((to, 0));
                }
            }
        }
    }

    /// <summary>A node stands as far to the right as the longest way from it allows. A node finishes after all that are to its right.</summary>
    private int[] ColumnsOf(BlobGraph graph)
    {
        List<int>[] right = [.. _out.Select(_ => new List<int>())];
        foreach (GraphEdge edge in graph.Edges.Where(e => !e.IsLoop))
        {
            (int from, int to) = Ends(edge);
            right[from].Add(to);
        }

        int floor = graph.Nodes.Any(n => n.Kind == NodeKind.Node) ? 1 : 0;
        int[] height = new int[graph.Nodes.Count];
        foreach (int node in _finished)
        {
            int least = graph.Nodes[node].Kind == NodeKind.Node ? 0 : floor;
            height[node] = right[node].Select(to => height[to] + 1).Append(least).Max();
        }

        int highest = height.DefaultIfEmpty().Max();
        return [.. height.Select(h => highest - h)];
    }
}
