namespace ShakenFist.Blobs.Graph.Layout;

/// <summary>Determines the positions in the drawing: cards in columns, lines in the gaps between them, and labels at the ends of the lines.</summary>
internal sealed class GraphLayout
{
    public const double CardWidth = 172;
    public const double CardHeight = 52;

    /// <summary>The maximum width of a label in columns of text.</summary>
    public const int LabelColumns = 23;

    private const int CrowdedAt = 5;
    private const double Margin = 28;
    private const double CharacterWidth = 5.9;
    private const double PassHeight = 4;

    private readonly Dictionary<int, List<Link>> _routes = [];
    private readonly double[] _left;
    private readonly double[] _stubAtFrom;
    private readonly double[] _stubAtTo;

    public GraphLayout(BlobGraph graph)
    {
        Flow = new Flow(graph);
        Slot[] cards = [.. graph.Nodes.Select(n => new Slot(n, Flow.Columns[n.Index]))];
        List<Slot>[] columns = [.. Enumerable.Range(0, Flow.Columns.DefaultIfEmpty(-1).Max() + 1).Select(_ => new List<Slot>())];
        foreach (Slot card in cards)
        {
            columns[card.Column].Add(card);
        }

        Route(graph, cards, columns);
        foreach (Slot slot in columns.SelectMany(c => c))
        {
            slot.Height = slot.Node is null ? PassHeight : Math.Max(CardHeight, Math.Max(Ports.RequiredHeight(slot.Left, right: false), Ports.RequiredHeight(slot.Right, right: true)));
        }

        Ordering.Arrange(columns);
        Spacing.Arrange(columns);
        double top = columns.SelectMany(c => c).Select(s => s.Y - s.Height / 2).DefaultIfEmpty().Min() - Margin;
        foreach (Slot slot in columns.SelectMany(c => c))
        {
            slot.Y -= top;
        }

        foreach (Slot slot in columns.SelectMany(c => c))
        {
            Ports.Place(slot);
        }

        Height = columns.SelectMany(c => c).Select(s => s.Y + s.Height / 2).DefaultIfEmpty().Max() + Margin;
        (_left, _stubAtFrom, _stubAtTo) = (new double[columns.Length + 1], new double[columns.Length], new double[columns.Length]);
        Spread(columns);
        Width = _left[^1] + Margin;
        Cards = cards;
    }

    public Flow Flow { get; }

    public IReadOnlyList<Slot> Cards { get; }

    public double Width { get; }

    public double Height { get; }

    /// <summary>Gets the lines of an edge, from left to right. Empty for an edge from a node to itself.</summary>
    public IReadOnlyList<Link> RouteOf(GraphEdge edge) => _routes.TryGetValue(edge.Index, out List<Link>? route) ? route : [];

    /// <summary>Gets the left side of the cards of a column.</summary>
    public double Left(Slot slot) => _left[slot.Column];

    /// <summary>Gets the length of the horizontal part at the left end of a line.</summary>
    public double StubAtFrom(Link link) => _stubAtFrom[link.From.Column];

    /// <summary>Gets the length of the horizontal part at the right end of a line.</summary>
    public double StubAtTo(Link link) => _stubAtTo[link.From.Column];

    /// <summary>Routes each edge through the columns. Long lines to one card are joined from the first column that they pass.</summary>
    private void Route(BlobGraph graph, Slot[] cards, List<Slot>[] columns)
    {
        Dictionary<(Slot Card, int Column), Slot> passes = [];
        Dictionary<Slot, Link> onward = [];
        foreach (GraphEdge edge in graph.Edges.Where(e => !e.IsLoop))
        {
            (int from, int to) = Flow.Ends(edge);
            Slot card = cards[to];
            Slot at = cards[from];
            List<Link> route = [Connect(at, Next(at.Column + 1), edge)];
            for (at = route[0].To; at != card; at = route[^1].To)
            {
                if (!onward.TryGetValue(at, out Link? link))
                {
                    link = onward[at] = Connect(at, Next(at.Column + 1), edge: null);
                }

                route.Add(link);
            }

            _routes.Add(edge.Index, route);

            Slot Next(int column)
            {
                if (column == card.Column)
                {
                    return card;
                }

                if (!passes.TryGetValue((card, column), out Slot? pass))
                {
                    pass = passes[(card, column)] = new Slot(node: null, column);
                    columns[column].Add(pass);
                }

                return pass;
            }
        }

        // A label is at the start of its line, or at the end if that is much less crowded.
        foreach (Link link in _routes.Values.Select(r => r[0]))
        {
            link.LabelAtTo = link.To.Node is not null && link.From.Right.Count > Math.Max(CrowdedAt, link.To.Left.Count);
        }
    }

    private static Link Connect(Slot from, Slot to, GraphEdge? edge)
    {
        Link link = new(from, to, edge);
        from.Right.Add(link);
        to.Left.Add(link);
        return link;
    }

    /// <summary>Determines the width of each gap from its labels and the height of the bends of its lines.</summary>
    private void Spread(List<Slot>[] columns)
    {
        const double ArrowRoom = 19;
        _left[0] = Margin;
        for (int i = 0; i < columns.Length; i++)
        {
            Link[] links = [.. columns[i].SelectMany(s => s.Right)];
            _stubAtFrom[i] = LabelWidth(links.Where(l => !l.LabelAtTo)) + ArrowRoom;
            _stubAtTo[i] = LabelWidth(links.Where(l => l.LabelAtTo)) + ArrowRoom;
            double climb = links.Select(l => Math.Abs(l.FromY - l.ToY)).DefaultIfEmpty().Max();
            double gap = i + 1 < columns.Length ? _stubAtFrom[i] + _stubAtTo[i] + Math.Clamp(climb * 0.2, 44, 170) : 0;
            _left[i + 1] = _left[i] + CardWidth + gap;
        }
    }

    private static double LabelWidth(IEnumerable<Link> links) => CharacterWidth * links
        .Select(l => l.Edge)
        .OfType<GraphEdge>()
        .Select(e => Math.Min(LabelColumns, Math.Max(GraphText.Width(GraphText.Relationship(e)), GraphText.Width(GraphText.Value(e)))))
        .DefaultIfEmpty()
        .Max();
}
