namespace ShakenFist.Blobs.Graph.Layout;

/// <summary>
/// Determines the direction of each edge and the column of each node: an object is to the right of the objects that use it. To break a cycle, one of its edges
/// is drawn from right to left. The nodes of the cluster are in the last column, because nearly every blob refers to them.
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

    /// <summary>Gets the column of each node, from the left.</summary>
    public IReadOnlyList<int> Columns { get; }

    /// <summary>Returns whether the source of the edge is at the right end of its line.</summary>
    public bool IsAgainst(GraphEdge edge) => _against[edge.Index];

    /// <summary>Gets the left and the right end of the line of an edge.</summary>
    public (int From, int To) Ends(GraphEdge edge) =>
        _against[edge.Index] ? (edge.Target.Index, edge.Source.Index) : (edge.Source.Index, edge.Target.Index);

    /// <summary>Depth-first search without recursion, because chains can be long. An edge to a node on the stack closes a cycle.</summary>
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

    /// <summary>The column depends on the longest path from a node. A node is finished after all nodes to its right.</summary>
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
            int min = graph.Nodes[node].Kind == NodeKind.Node ? 0 : floor;
            height[node] = right[node].Select(to => height[to] + 1).Append(min).Max();
        }

        int highest = height.DefaultIfEmpty().Max();
        return [.. height.Select(h => highest - h)];
    }
}
